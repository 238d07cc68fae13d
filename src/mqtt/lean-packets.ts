import { writeToStream } from 'mqtt-packet'

/**
 * Before its first packet the library of client and broker makes a buffer of each number that two bytes can hold, all
 * 65,536, and keeps them. Made when they are needed they cost next to nothing; kept they are a sixth of our heap.
 */
writeToStream.cacheNumbers = false
