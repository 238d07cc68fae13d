import { carriesTheContract } from './contract.ts'

carriesTheContract(5)
