/** Why a copy cannot be made, in words that finish “The copy was not made: …”. Nothing of it is left. */
export class CopyRefusal extends Error {}
