import { createHash } from 'node:crypto'
import { type Automation, externalActions, externalConditions } from '../domain/automation.ts'
import type { DefinitionCodec } from '../domain/definition.ts'
import type { Member, MemberDetail } from '../domain/member.ts'
import type { ExternalAction, Scene, SceneBinding } from '../domain/scene.ts'
import { isRecord, own } from '../util/json.ts'
import { json, type Payload } from './payload.ts'

/** Builders of what is published of scenes, automations and members; the topic contract says what each holds. */

/** Actions and conditions stand in the platform's words, so that a copy can be changed and sent back. */
export function sceneMeta(scene: Scene, slug: string, codec: Pick<DefinitionCodec, 'writeScene'>): Payload {
  const { id, name, homeId, valid } = scene
  const { background, actions } = codec.writeScene(scene)
  return json({ id, name, slug, home: homeId, valid, background, actions })
}

export function automationMeta(
  automation: Automation,
  slug: string,
  codec: Pick<DefinitionCodec, 'writeAutomation'>,
  actionKeys: readonly string[],
): Payload {
  const { id, name, homeId, valid, match, rule } = automation
  const { background, conditions, preconditions = [], actions } = codec.writeAutomation(automation)
  return json({
    id,
    name,
    slug,
    home: homeId,
    valid,
    background,
    match,
    ...(rule === null ? {} : { rule }),
    conditions,
    preconditions,
    actions,
    external: {
      conditions: unique(externalConditions(automation).map(({ code }) => code)),
      actions: unique(
        externalActions(automation).flatMap((action) => actionName(action.data, actionKeys) ?? []),
      ),
    },
  })
}

/** The name under which an external action is told a second time; undefined when it does not name itself. */
export function actionName(data: ExternalAction['data'], keys: readonly string[]): string | undefined {
  if (!isRecord(data)) return undefined
  const names = keys.map((key) => own(data, key))
  return names.find((name): name is string => typeof name === 'string' && name !== '')
}

export function enabledState(enabled: boolean): Payload {
  return json(enabled)
}

/** Which key of a scene switch runs which scene. */
export function bindingsMeta(bindings: readonly SceneBinding[]): Payload {
  return json(
    bindings.map(({ code, value, sceneId, sceneName }) => ({ code, value, scene: sceneId, sceneName })),
  )
}

/** Ids of people are never told: `ref` is the same for the same member of the same home and leads nowhere. */
export function membersMeta(
  homeId: string,
  members: readonly Member[],
  detail: Exclude<MemberDetail, 'off'>,
): Payload {
  return json(
    members.map(({ uid, name, admin }) => ({
      ref: createHash('sha256').update(`${homeId}/${uid}`).digest('hex').slice(0, 16),
      role: admin ? 'admin' : 'member',
      ...(detail === 'full' ? { name } : {}),
    })),
  )
}

/** The entry of a scene or automation in its list. */
export function definitionItem(
  { id, name, homeId }: Pick<Scene, 'id' | 'name' | 'homeId'>,
  slug: string,
): object {
  return { id, name, slug, home: homeId }
}

function unique(words: readonly string[]): string[] {
  return [...new Set(words)]
}
