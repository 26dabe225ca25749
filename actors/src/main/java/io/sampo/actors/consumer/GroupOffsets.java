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
 * The durable side of a group's offsets, child of its {@link ConsumerGroup}: writes what it is told
 * and tells what it recovered. A persistent actor takes no command while it writes, so what must be
 * answered meanwhile (members, the newest offsets) and what collects meanwhile is kept by the
 * parent; this one is told the collected changes as one event at a time.
 *
 * <p>It stops when the journal fails, without an answer; the parent starts another.
 */
final class GroupOffsets
    extends EventSourcedBehaviorWithEnforcedReplies<
        GroupOffsets.Command, GroupOffsets.OffsetsMoved, OffsetTable> {

  /** What it is told. */
  sealed interface Command {}

  /** Writes offsets over those it has; answered once they are durable. */
  record Store(OffsetTable changes, ActorRef<Told> replyTo) implements Command {}

  /** What it tells its parent. */
  sealed interface Told {}

  /**
   * Told once, before anything else.
   *
   * @param offsets as the journal has them
   * @param writer takes batches from now on
   */
  record Recovered(OffsetTable offsets, ActorRef<Command> writer) implements Told {}

  /** What it was told last is durable. */
  enum Stored implements Told {
    INSTANCE
  }

  /** The group's offsets in these queues are now these. */
  record OffsetsMoved(OffsetTable changes) implements ControlMessage {}

  private final int snapshotEvery;
  private final ActorRef<Told> parent;
  private final ActorRef<Command> self;

  private GroupOffsets(
      PersistenceId id, int snapshotEvery, ActorRef<Told> parent, ActorRef<Command> self) {
    super(id);
    this.snapshotEvery = snapshotEvery;
    this.parent = parent;
    this.self = self;
  }

  /**
   * @param home the log group that holds the journal
   */
  static Behavior<Command> create(
      String home, String group, int snapshotEvery, ActorRef<Told> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(home + "/group/" + group);
    return Behaviors.setup(
        context -> new GroupOffsets(id, snapshotEvery, parent, context.getSelf()));
  }

  @Override
  public OffsetTable emptyState() {
    return OffsetTable.EMPTY;
  }

  @Override
  public CommandHandlerWithReply<Command, OffsetsMoved, OffsetTable> commandHandler() {
    return newCommandHandlerWithReplyBuilder()
        .forAnyState()
        .onCommand(
            Store.class,
            store ->
                Effect()
                    .persist(new OffsetsMoved(store.changes()))
                    .thenReply(store.replyTo(), offsets -> Stored.INSTANCE))
        .build();
  }

  @Override
  public EventHandler<OffsetTable, OffsetsMoved> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(OffsetsMoved.class, (offsets, moved) -> offsets.with(moved.changes()))
        .build();
  }

  @Override
  public SignalHandler<OffsetTable> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(
            RecoveryCompleted.instance(), offsets -> parent.tell(new Recovered(offsets, self)))
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(snapshotEvery, 2);
  }
}
