package io.sampo.cluster.protocol;

/** Why a replica doesn't take part in an epoch. */
public enum RefusalReason {
  /** It has promised a higher epoch, or this one to somebody else. */
  SUPERSEDED,
  /** A newer membership doesn't have the one that asks. */
  NOT_A_MEMBER,
  /** It is being repaired and has no vote. */
  REPAIRING
}
