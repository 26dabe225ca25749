package io.sampo.actors.consumer;

import io.sampo.cluster.serialization.ControlMessage;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;

/** The durable side of a group's queue locks. */
final class GroupLocks extends GroupJournal<GroupLocks.LocksChanged, LockTable> {
  /** The holders of these queues are now these, or nobody. */
  record LocksChanged(LockTable changes) implements ControlMessage {}

  private GroupLocks(PersistenceId id, int snapshotEvery, Parent<LockTable> parent) {
    super(id, snapshotEvery, parent);
  }

  /**
   * @param identity the group, and the log group that holds the journal
   */
  static Behavior<LocksChanged> create(
      ConsumerGroup.Identity identity, int snapshotEvery, Parent<LockTable> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(identity.home() + "/locks/" + identity.group());
    return Behaviors.setup(context -> new GroupLocks(id, snapshotEvery, parent));
  }

  @Override
  public LockTable emptyState() {
    return LockTable.EMPTY;
  }

  @Override
  LockTable with(LockTable locks, LocksChanged changed) {
    return locks.with(changed.changes());
  }
}
