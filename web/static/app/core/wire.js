/** The frames of the clients' protocol, as far as this page speaks it. */
const isFrame = (value) => typeof value === "object" && value !== null && typeof value.t === "string";
/** The frames of one WebSocket message: one, or a batch. What is no frame is left out. */
export function framesOf(text) {
    const value = JSON.parse(text);
    return (Array.isArray(value) ? value : [value]).filter(isFrame);
}
/** Is it a line of its own among the messages? What changes another is not. */
export const shows = (b) => b.k === "text" || b.k === "deleted" || b.k === "system";
/** Does it count as unread? */
export const counts = (b) => b.k === "text" || b.k === "deleted";
