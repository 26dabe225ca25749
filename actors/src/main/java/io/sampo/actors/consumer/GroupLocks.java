package io.sampo.actors.consumer;

import io.sampo.cluster.serialization.ControlMessage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The durable side of a group's queue locks, child of its {@link LockKeeper}: writes what it is
 * told and tells what it recovered. As with {@link GroupOffsets}, the parent keeps what must be
 * answered while this one writes, and tells it the collected changes as one event at a time.
 *
 * <p>It stops when the journal fails, without an answer; the parent starts another.
 */
final class GroupLocks
    extends EventSourcedBehaviorWithEnforcedReplies<
        GroupLocks.Command, GroupLocks.LocksChanged, LockTable> {

  /** What it is told. */
  sealed interface Command {}

  /** Writes changes of holders over those it has; answered once they are durable. */
  record Store(LockTable changes, ActorRef<Told> replyTo) implements Command {}

  /** What it tells its parent. */
  sealed interface Told {}

  /** The locks as the journal has them; told once, before anything else. */
  record Recovered(LockTable locks) implements Told {}

  /** What it was told last is durable. */
  enum Stored implements Told {
    INSTANCE
  }

  /** The holders of these queues are now these, or nobody. */
  record LocksChanged(LockTable changes) implements ControlMessage {}

  private final int snapshotEvery;
  private final ActorRef<Told> parent;

  private GroupLocks(PersistenceId id, int snapshotEvery, ActorRef<Told> parent) {
    super(id);
    this.snapshotEvery = snapshotEvery;
    this.parent = parent;
  }

  /**
   * @param home the log group that holds the journal
   */
  static Behavior<Command> create(
      String home, String group, int snapshotEvery, ActorRef<Told> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(home + "/locks/" + group);
    return Behaviors.setup(context -> new GroupLocks(id, snapshotEvery, parent));
  }

  @Override
  public LockTable emptyState() {
    return LockTable.EMPTY;
  }

  @Override
  public CommandHandlerWithReply<Command, LocksChanged, LockTable> commandHandler() {
    return newCommandHandlerWithReplyBuilder()
        .forAnyState()
        .onCommand(
            Store.class,
            store ->
                Effect()
                    .persist(new LocksChanged(store.changes()))
                    .thenReply(store.replyTo(), locks -> Stored.INSTANCE))
        .build();
  }

  @Override
  public EventHandler<LockTable, LocksChanged> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(LocksChanged.class, (locks, changed) -> locks.with(changed.changes()))
        .build();
  }

  @Override
  public SignalHandler<LockTable> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), locks -> parent.tell(new Recovered(locks)))
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(snapshotEvery, 2);
  }
}
