package io.sampo.actors.consumer;

import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.SnapshotAdapter;

/**
 * The durable side of a group's pops. Its state changes in place and never leaves it: snapshots and
 * the parent get copies.
 */
final class GroupPops extends GroupJournal<PopChanges, PopTable> {
  private static final class Snapshots implements SnapshotAdapter<PopTable> {
    @Override
    public Object toJournal(PopTable table) {
      return table.whole();
    }

    @Override
    public PopTable fromJournal(Object whole) {
      return new PopTable().apply((PopChanges) whole);
    }
  }

  private GroupPops(PersistenceId id, int snapshotEvery, Parent<PopChanges> parent) {
    super(id, snapshotEvery, parent.shown(PopTable::whole));
  }

  /**
   * @param identity the group, and the log group that holds the journal
   */
  static Behavior<PopChanges> create(
      ConsumerGroup.Identity identity, int snapshotEvery, Parent<PopChanges> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(identity.home() + "/pops/" + identity.group());
    return Behaviors.setup(context -> new GroupPops(id, snapshotEvery, parent));
  }

  @Override
  public PopTable emptyState() {
    return new PopTable();
  }

  @Override
  PopTable with(PopTable table, PopChanges changes) {
    return table.apply(changes);
  }

  @Override
  public SnapshotAdapter<PopTable> snapshotAdapter() {
    return new Snapshots();
  }
}
