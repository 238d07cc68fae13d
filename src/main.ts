#!/usr/bin/env node
import './util/harden.ts'
import './util/lean.ts'
import { run } from './cli/program.ts'

await run(process.argv)
