package io.sampo.cluster.placement;

/** What can be expected of a node, for placing replicas. */
public enum NodeStanding {
  /** It is a member that can be reached: it keeps its replicas and takes more. */
  UP,
  /** It can't be reached, and may come back: it keeps its replicas. */
  AWAY,
  /** It was away for too long: another takes its replicas, if there is one. */
  GIVEN_UP,
  /** It is to be in the cluster no more: it keeps nothing, whether another takes it or not. */
  LEAVING
}
