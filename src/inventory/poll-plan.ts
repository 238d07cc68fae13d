export interface PollBudget {
  /** Calls that reading may still use today. */
  readonly left: number
  /** Until the budget starts anew. */
  readonly msLeft: number
  /** Calls that one round takes. */
  readonly cost: number
}

/** The time to the next round of reading so that the day's calls last to its end; undefined = not today. */
export function nextPollMs(leastMs: number, budget: PollBudget): number | undefined {
  const rounds = Math.floor(budget.left / Math.max(1, budget.cost))
  return rounds === 0 ? undefined : Math.max(leastMs, budget.msLeft / rounds)
}
