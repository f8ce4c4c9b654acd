export const pagePolicy: string;
export const workerPolicy: string;
export const coloursPolicy: string;
export function stillFramePolicy(html: string): string;
export const scriptedFramePolicy: string;
export const scriptedFrameConnections: string;
