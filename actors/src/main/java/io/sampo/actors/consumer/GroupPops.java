package io.sampo.actors.consumer;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The durable side of a group's pops, child of its {@link PopKeeper}: writes what it is told and
 * tells what it recovered. As with {@link GroupOffsets}, the parent keeps what must be answered
 * while this one writes, and tells it the collected changes as one event at a time.
 *
 * <p>Its state changes in place and never leaves it: snapshots and the parent get copies. It stops
 * when the journal fails, without an answer; the parent starts another.
 */
final class GroupPops
    extends EventSourcedBehaviorWithEnforcedReplies<GroupPops.Command, PopChanges, PopTable> {

  /** What it is told. */
  sealed interface Command {}

  /** Writes changes over what it has; answered once they are durable. */
  record Store(PopChanges changes, ActorRef<Told> replyTo) implements Command {}

  /** What it tells its parent. */
  sealed interface Told {}

  /** Everything that the journal has; told once, before anything else. */
  record Recovered(PopChanges whole) implements Told {}

  /** What it was told last is durable. */
  enum Stored implements Told {
    INSTANCE
  }

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

  private final int snapshotEvery;
  private final ActorRef<Told> parent;

  private GroupPops(PersistenceId id, int snapshotEvery, ActorRef<Told> parent) {
    super(id);
    this.snapshotEvery = snapshotEvery;
    this.parent = parent;
  }

  /**
   * @param home the log group that holds the journal
   */
  static Behavior<Command> create(
      String home, String group, int snapshotEvery, ActorRef<Told> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(home + "/pops/" + group);
    return Behaviors.setup(context -> new GroupPops(id, snapshotEvery, parent));
  }

  @Override
  public PopTable emptyState() {
    return new PopTable();
  }

  @Override
  public CommandHandlerWithReply<Command, PopChanges, PopTable> commandHandler() {
    return newCommandHandlerWithReplyBuilder()
        .forAnyState()
        .onCommand(
            Store.class,
            store ->
                Effect()
                    .persist(store.changes())
                    .thenReply(store.replyTo(), table -> Stored.INSTANCE))
        .build();
  }

  @Override
  public EventHandler<PopTable, PopChanges> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(PopChanges.class, PopTable::apply)
        .build();
  }

  @Override
  public SignalHandler<PopTable> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), table -> parent.tell(new Recovered(table.whole())))
        .build();
  }

  @Override
  public SnapshotAdapter<PopTable> snapshotAdapter() {
    return new Snapshots();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(snapshotEvery, 2);
  }
}
