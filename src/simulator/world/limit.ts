/** What the platform's app allows at most. */
export const limit = {
  homesOfUser: 20,
  devicesOfHome: 200,
  roomsOfHome: 20,
  devicesOfRoom: 50,
  membersOfHome: 20,
  scenesOfHome: 100,
  automationsOfHome: 100,
  actions: 150,
  conditions: 10,
} as const
