package io.sampo.actors.consumer;

import io.sampo.cluster.serialization.ControlMessage;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;

/** The durable side of a group's offsets. */
final class GroupOffsets extends GroupJournal<GroupOffsets.OffsetsMoved, OffsetTable> {
  /** The group's offsets in these queues are now these. */
  record OffsetsMoved(OffsetTable changes) implements ControlMessage {}

  private GroupOffsets(PersistenceId id, int snapshotEvery, Parent<OffsetTable> parent) {
    super(id, snapshotEvery, parent);
  }

  /**
   * @param identity the group, and the log group that holds the journal
   */
  static Behavior<OffsetsMoved> create(
      ConsumerGroup.Identity identity, int snapshotEvery, Parent<OffsetTable> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(identity.home() + "/group/" + identity.group());
    return Behaviors.setup(context -> new GroupOffsets(id, snapshotEvery, parent));
  }

  @Override
  public OffsetTable emptyState() {
    return OffsetTable.EMPTY;
  }

  @Override
  OffsetTable with(OffsetTable offsets, OffsetsMoved moved) {
    return offsets.with(moved.changes());
  }
}
