package io.sampo.cluster.placement;

import io.sampo.cluster.serialization.ControlMessage;

/** A decision of a cluster about itself, as the journal keeps it. */
sealed interface CharterEvent extends ControlMessage {
  /** There is one more log group. */
  record LogGroupOpened(LogGroupPlan logGroup) implements CharterEvent {}

  /** All nodes go by these settings. */
  record SettingsAgreed(CommonSettings settings) implements CharterEvent {}

  /**
   * A node is not waited for any more, or it is back.
   *
   * @param isRemoved false when it is back
   */
  record NodeRemoved(String node, boolean isRemoved) implements CharterEvent {}
}
