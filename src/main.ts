#!/usr/bin/env node
import './util/harden.ts'
import './util/lean.ts'
import { run } from './cli/program.ts'

// Node's own way out waits, at full speed and for ever, for what was asked of a socket that is gone.
process.once('beforeExit', () => process.exit())
await run(process.argv)
