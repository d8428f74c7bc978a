/** Which groups an image gives to a user: the lines of its /etc/passwd and /etc/group, read as upstream's runtimes read them. Pure. */

/** The texts of an image's /etc/passwd and /etc/group; empty where it has none. */
export interface ImageUsers {
  passwd: string
  group: string
}

const fieldsOf = (text: string): string[][] =>
  text
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter((fields) => fields.length > 2)

/** `user` is a name or an id. A group of the user's own name is the first one, not one that is added. */
export function groupsOfUser(user: string, { passwd, group }: ImageUsers): number[] {
  const name = /^\d+$/.test(user) ? fieldsOf(passwd).find(([, , uid]) => Number(uid) === Number(user))?.[0] : user
  if (name === undefined || name === '') return []
  return fieldsOf(group)
    .filter(([of, , , members = '']) => of !== name && members.split(',').includes(name))
    .map(([, , gid]) => Number(gid))
    .filter((gid) => Number.isInteger(gid))
}
