/** What the link asks of those who deliver, before it opens and while it is open (R-Q5). */
export interface DeliveryGate {
  /** The broker takes messages right now. */
  brokerUp(): boolean
  /** Nothing of what was received waits for the broker. */
  outboxEmpty(): boolean
}
