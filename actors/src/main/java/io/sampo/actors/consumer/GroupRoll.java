package io.sampo.actors.consumer;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.Set;
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
 * The durable side of who is in a group, child of its {@link ConsumerGroup}: writes who came and
 * went, and tells who was there before. As with {@link GroupOffsets}, the parent keeps what must be
 * answered while this one writes, and tells it the collected changes as one event at a time.
 *
 * <p>It stops when the journal fails, without an answer; the parent starts another.
 */
final class GroupRoll
    extends EventSourcedBehaviorWithEnforcedReplies<
        GroupRoll.Command, GroupRoll.RollChanged, Roll> {

  /** What it is told. */
  sealed interface Command {}

  /** Writes that these came and those went; answered once it is durable. */
  record Store(Set<String> joined, Set<String> left, ActorRef<Told> replyTo) implements Command {}

  /** What it tells its parent. */
  sealed interface Told {}

  /** The members as the journal has them; told once, before anything else. */
  record Recovered(Roll roll, ActorRef<Command> writer) implements Told {}

  /** What it was told last is durable. */
  enum Stored implements Told {
    INSTANCE
  }

  /** These came and those went. */
  record RollChanged(Set<String> joined, Set<String> left) implements ControlMessage {
    RollChanged {
      joined = Set.copyOf(joined);
      left = Set.copyOf(left);
    }
  }

  private final int snapshotEvery;
  private final ActorRef<Command> self;
  private final ActorRef<Told> parent;

  private GroupRoll(
      PersistenceId id, int snapshotEvery, ActorRef<Command> self, ActorRef<Told> parent) {
    super(id);
    this.snapshotEvery = snapshotEvery;
    this.self = self;
    this.parent = parent;
  }

  /**
   * @param home the log group that holds the journal
   */
  static Behavior<Command> create(
      String home, String group, int snapshotEvery, ActorRef<Told> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(home + "/roll/" + group);
    return Behaviors.setup(context -> new GroupRoll(id, snapshotEvery, context.getSelf(), parent));
  }

  @Override
  public Roll emptyState() {
    return Roll.EMPTY;
  }

  @Override
  public CommandHandlerWithReply<Command, RollChanged, Roll> commandHandler() {
    return newCommandHandlerWithReplyBuilder()
        .forAnyState()
        .onCommand(
            Store.class,
            store ->
                Effect()
                    .persist(new RollChanged(store.joined(), store.left()))
                    .thenReply(store.replyTo(), roll -> Stored.INSTANCE))
        .build();
  }

  @Override
  public EventHandler<Roll, RollChanged> eventHandler() {
    return newEventHandlerBuilder()
        .forAnyState()
        .onEvent(RollChanged.class, (roll, changed) -> roll.with(changed.joined(), changed.left()))
        .build();
  }

  @Override
  public SignalHandler<Roll> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), roll -> parent.tell(new Recovered(roll, self)))
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(snapshotEvery, 2);
  }
}
