import type { Finding } from '../doctor.ts'

const gradeWords = { bad: 'Trouble', warn: 'Look at', note: 'Note' } as const

/** What is wrong and what to do, or nothing at all. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null
  return (
    <ul class="findings">
      {findings.map(({ grade, what, todo }) => (
        <li key={what} class={grade}>
          <span class={`tag ${grade}`}>{gradeWords[grade]}</span>
          <p>
            <strong>{what}</strong> {todo}
          </p>
        </li>
      ))}
    </ul>
  )
}
