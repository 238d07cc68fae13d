/**
 * S-4: what `node --disable-proto=delete` does, for every way in which the program can be started.
 * Imported before anything else.
 */
Reflect.deleteProperty(Object.prototype, '__proto__')
