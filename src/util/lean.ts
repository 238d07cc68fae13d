import { setFlagsFromString } from 'node:v8'

/**
 * Where memory is plenty, the engine lets garbage grow to a multiple of what lives before it looks for it: hundreds of
 * MiB under load that are given back late. We share our machine, so we let it grow by a fifth.
 */
setFlagsFromString('--heap-growing-percent=20')
