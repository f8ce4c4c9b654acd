/** Headers as in Node: name, value, name, value … in the order and spelling in which they were sent. */
export type RawHeaders = readonly string[];
