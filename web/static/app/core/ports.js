/**
 * What the core needs of the world. The page hands in the browser's; the tests hand in their own,
 * so time and chance come from outside here too.
 */
export {};
