/**
 * Why something that is signed does not count, or a key is not taken: the rest of a sentence that begins with what it is
 * about ("its signature …", "the key …"). Quotes nothing of what was read.
 */
export class Refusal extends Error {}
