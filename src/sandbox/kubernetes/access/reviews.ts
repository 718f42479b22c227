/** The kinds that answer questions about the caller's rights; they are created and never stored. */
export const REVIEWS = {
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
  selfsubjectrulesreviews: 'SelfSubjectRulesReview',
} as const;

/** True for the plural name of a review. */
export function isReview(plural: string): plural is keyof typeof REVIEWS {
  return Object.hasOwn(REVIEWS, plural);
}
