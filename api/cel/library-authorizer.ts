/**
 * The authorizer of admission policies: declared everywhere, as upstream has it; whoever gives an expression an `authorizer` variable
 * supplies the values (apiserver, pkg/cel/library/authz.go).
 */
import { type CelFunction, define, member, type Overload, type Run } from './functions.ts'
import { boolType, type CelType, objectType, stringType } from './type.ts'
import { CelObject, type CelValue, noSuchOverload } from './value.ts'

export const authorizerType = objectType('kubernetes.authorization.Authorizer')
const pathCheck = objectType('kubernetes.authorization.PathCheck')
const groupCheck = objectType('kubernetes.authorization.GroupCheck')
const resourceCheck = objectType('kubernetes.authorization.ResourceCheck')
const decision = objectType('kubernetes.authorization.Decision')

/** A value of one of the types above: answers the functions declared for its type. */
export abstract class AuthorizerValue extends CelObject {
  abstract call(method: string, args: readonly CelValue[]): CelValue
}

const calls =
  (method: string): Run =>
  (receiver, ...args) =>
    receiver instanceof AuthorizerValue ? receiver.call(method, args) : noSuchOverload

const method = (name: string, id: string, args: readonly CelType[], result: CelType): CelFunction =>
  define(name, member(id, args, result, calls(name)))

const check = (id: string, type: CelType): Overload => member(id, [type, stringType], decision, calls('check'))

export const authorizerLibrary: readonly CelFunction[] = [
  method('path', 'authorizer_path', [authorizerType, stringType], pathCheck),
  method('group', 'authorizer_group', [authorizerType, stringType], groupCheck),
  method('serviceAccount', 'authorizer_serviceaccount', [authorizerType, stringType, stringType], authorizerType),
  method('resource', 'groupcheck_resource', [groupCheck, stringType], resourceCheck),
  method('subresource', 'resourcecheck_subresource', [resourceCheck, stringType], resourceCheck),
  method('namespace', 'resourcecheck_namespace', [resourceCheck, stringType], resourceCheck),
  method('name', 'resourcecheck_name', [resourceCheck, stringType], resourceCheck),
  define('check', check('pathcheck_check', pathCheck), check('resourcecheck_check', resourceCheck)),
  method('errored', 'decision_errored', [decision], boolType),
  method('error', 'decision_error', [decision], stringType),
  method('allowed', 'decision_allowed', [decision], boolType),
  method('reason', 'decision_reason', [decision], stringType),
]

export const authorizerSelectorsLibrary: readonly CelFunction[] = [
  method('fieldSelector', 'authorizer_fieldselector', [resourceCheck, stringType], resourceCheck),
  method('labelSelector', 'authorizer_labelselector', [resourceCheck, stringType], resourceCheck),
]
