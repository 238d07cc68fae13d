import { carriesTheContract } from './contract.ts'

carriesTheContract(4)
