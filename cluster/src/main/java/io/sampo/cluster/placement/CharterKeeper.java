package io.sampo.cluster.placement;

import io.sampo.cluster.serialization.ControlMessage;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandlerWithReply;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehaviorWithEnforcedReplies;
import org.apache.pekko.persistence.typed.javadsl.ReplyEffect;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the {@link Charter}: the one place where a cluster decides about itself. Event-sourced, and
 * a child of the first log group's leader, so what it answers is durable, and an older one that
 * still runs somewhere can decide nothing. Who proposes finds it by the receptionist, may find an
 * older one, too, and repeats what isn't answered: to say a thing twice changes nothing.
 *
 * <p>Always holds: log groups get their names one after the other, and the first who proposes one
 * of a name has decided who founds it.
 */
public final class CharterKeeper
    extends EventSourcedBehaviorWithEnforcedReplies<CharterKeeper.Command, CharterEvent, Charter> {
  /** Where it is found. */
  static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "charter");

  private static final int SNAPSHOT_EVERY = 100;
  private static final Duration RESTART_MIN = Duration.ofMillis(200);
  private static final Duration RESTART_MAX = Duration.ofSeconds(10);
  private static final double RESTART_RANDOM = 0.2;

  /** What it is told; answered with the charter as it is then. */
  public sealed interface Command extends ControlMessage {}

  /**
   * Opens a log group, if its name is the next one and there may be more.
   *
   * @param logGroup where it begins
   */
  record OpenLogGroup(LogGroupPlan logGroup, ActorRef<Charter> replyTo) implements Command {}

  /**
   * A node that is away is not waited for any more, or it came back.
   *
   * @param isRemoved false when it came back
   */
  record RemoveNode(String node, boolean isRemoved, ActorRef<Charter> replyTo) implements Command {}

  /** All nodes are to go by these settings. */
  record AgreeOn(CommonSettings settings, ActorRef<Charter> replyTo) implements Command {}

  private final ActorContext<Command> context;
  private final ClusterPlan founding;
  private final CharterPublisher publisher;

  private CharterKeeper(
      ActorContext<Command> context,
      PersistenceId id,
      ClusterPlan founding,
      CharterPublisher publisher) {
    super(id, SupervisorStrategy.restartWithBackoff(RESTART_MIN, RESTART_MAX, RESTART_RANDOM));
    this.context = context;
    this.founding = founding;
    this.publisher = publisher;
  }

  /**
   * @param home the log group that holds the journal
   * @param founding the cluster's founding document
   */
  public static Behavior<Command> create(
      String home, ClusterPlan founding, CharterPublisher publisher) {
    PersistenceId id = PersistenceId.ofUniqueId(home + "/charter");
    return Behaviors.setup(context -> new CharterKeeper(context, id, founding, publisher));
  }

  @Override
  public Charter emptyState() {
    return Charter.EMPTY;
  }

  @Override
  public CommandHandlerWithReply<Command, CharterEvent, Charter> commandHandler() {
    return newCommandHandlerWithReplyBuilder()
        .forAnyState()
        .onCommand(OpenLogGroup.class, this::onOpenLogGroup)
        .onCommand(RemoveNode.class, this::onRemoveNode)
        .onCommand(AgreeOn.class, this::onAgreeOn)
        .build();
  }

  @Override
  public EventHandler<Charter, CharterEvent> eventHandler() {
    return newEventHandlerBuilder().forAnyState().onAnyEvent(Charter::apply);
  }

  @Override
  public SignalHandler<Charter> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(SNAPSHOT_EVERY, 2);
  }

  private void onRecovered(Charter charter) {
    publisher.publish(charter);
    context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
  }

  private ReplyEffect<CharterEvent, Charter> onOpenLogGroup(Charter charter, OpenLogGroup open) {
    return decide(charter, charter.open(founding, open.logGroup()), open.replyTo());
  }

  private ReplyEffect<CharterEvent, Charter> onRemoveNode(Charter charter, RemoveNode remove) {
    return decide(charter, charter.remove(remove.node(), remove.isRemoved()), remove.replyTo());
  }

  private ReplyEffect<CharterEvent, Charter> onAgreeOn(Charter charter, AgreeOn agree) {
    return decide(charter, charter.agree(agree.settings()), agree.replyTo());
  }

  private ReplyEffect<CharterEvent, Charter> decide(
      Charter charter, @Nullable CharterEvent event, ActorRef<Charter> replyTo) {
    return event == null
        ? Effect().reply(replyTo, charter)
        : Effect()
            .persist(event)
            .thenRun(publisher::publish)
            .thenReply(replyTo, changed -> changed);
  }
}
