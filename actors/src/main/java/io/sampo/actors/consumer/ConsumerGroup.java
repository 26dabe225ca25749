package io.sampo.actors.consumer;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import io.sampo.actors.consumer.QueueLocking.LockReply;
import io.sampo.actors.consumer.QueueLocking.LockRequest;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.cluster.replication.Undeliverable;
import io.sampo.cluster.serialization.ControlMessage;
import io.sampo.record.QueueKey;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.StashBuffer;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * One consumer group for the whole cluster: its members and subscriptions, kept in memory from
 * their heartbeats, and its offsets, durable in the log group that is its home. Child of that log
 * group's leader, on the default dispatcher.
 *
 * <p>Members are answered at any time, offsets once the journal was read; after that never from the
 * disk. What has to be written goes to a child, {@link GroupOffsets}, one batch at a time. When the
 * child fails it is started again after a while and gets the batch again; meanwhile commits wait.
 * Queue locks are the business of another child, {@link LockKeeper}, and pops of {@link PopKeeper}.
 */
public final class ConsumerGroup extends AbstractBehavior<ConsumerGroup.Command> {
  /** What a consumer group is told. */
  public sealed interface Command extends ControlMessage {}

  /**
   * A member's heartbeat: joins, renews, and replaces the member's subscriptions.
   *
   * @param member who and how
   * @param link how to reach the member. A client with several connections has a link of each and
   *     is told of changes over the one that it used last
   */
  public record Heartbeat(Member member, MemberLink link, ReplyTo<HeartbeatReply> replyTo)
      implements Command, GroupQuestion<HeartbeatReply> {
    @Override
    public Heartbeat answeredTo(ReplyTo<HeartbeatReply> other) {
      return new Heartbeat(member, link, other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link Heartbeat}. */
  public sealed interface HeartbeatReply extends ControlMessage {}

  /** The client is a member; whoever asks for the members from now on sees it. */
  public enum Joined implements HeartbeatReply {
    INSTANCE
  }

  /** Why a consumer group did not do what it was told. */
  public enum GroupRefused
      implements
          HeartbeatReply, MembersReply, SubscriptionReply, OffsetKeeping.CommitReply,
          OffsetKeeping.CheckReply, OffsetKeeping.OffsetReply, LockReply, Popping.PopReply,
          Popping.DeliveryReply, Popping.ModeReply, GroupInsight.ConnectionsReply,
          GroupInsight.OffsetsReply, GroupInsight.TopicsReply {
    /** The group has as many members as it may have. */
    TOO_MANY_MEMBERS,
    /** The group subscribes to as many topics as it may. */
    TOO_MANY_TOPICS,
    /** The group has offsets for as many queues as it may have. */
    TOO_MANY_QUEUES,
    /** More commits or questions wait for the log than may; try again. */
    TOO_MANY_WAITING,
    /** Only members lock queues. */
    NOT_A_MEMBER,
    /** An offset is never negative. */
    NEGATIVE_OFFSET,
    /** The group is not, or no longer, led here; whether a commit is durable is not known. */
    NOT_LEADING
  }

  /**
   * A client left, by itself or because its connection closed. It is a member as long as it has
   * another link.
   */
  public record Leave(String clientId, MemberLink link) implements Command {}

  /**
   * A member as it describes itself.
   *
   * @param address the client's side of the connection that said so
   * @param language the ordinal that the client names
   * @param version of its protocol
   * @param consumeType CONSUME_PASSIVELY, CONSUME_ACTIVELY or CONSUME_POP
   * @param messageModel CLUSTERING or BROADCASTING
   * @param consumeFrom such as CONSUME_FROM_LAST_OFFSET
   * @param subscriptions by topic
   */
  public record Member(
      String clientId,
      String address,
      int language,
      int version,
      String consumeType,
      String messageModel,
      String consumeFrom,
      Map<String, Subscription> subscriptions) {
    public Member {
      subscriptions = Map.copyOf(subscriptions);
    }
  }

  /**
   * What a member wants of a topic.
   *
   * @param expression "*" or tags joined by "||", or SQL92
   * @param expressionType TAG or SQL92
   * @param version grows with each change
   */
  public record Subscription(
      String topic, String expression, String expressionType, long version) {}

  /**
   * A connection of a member, as the group sees it. Equal to itself only. Never blocks. One of
   * another node is a {@link RemoteLink}.
   */
  @JsonSerialize(as = RemoteLink.class)
  @JsonDeserialize(as = RemoteLink.class)
  public interface MemberLink {
    /** Tells the member that the group changed (code 40). */
    void groupChanged(String group);

    /**
     * Offsets of the group were reset: pulls of the group over this connection have to {@link
     * CheckPull} first, until an answer says otherwise. Told again with each heartbeat until then.
     */
    default void offsetsReset(String group) {}
  }

  /** Asks for the ids of all members, sorted. */
  public record GetMembers(ReplyTo<MembersReply> replyTo)
      implements Command, GroupQuestion<MembersReply> {
    @Override
    public GetMembers answeredTo(ReplyTo<MembersReply> other) {
      return new GetMembers(other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetMembers}. */
  public sealed interface MembersReply extends ControlMessage {}

  /** The members' client ids; empty when there are none. */
  public record Members(List<String> clientIds) implements MembersReply {}

  /** Asks what the group wants of a topic, as its newest heartbeat said. */
  public record GetSubscription(String topic, ReplyTo<SubscriptionReply> replyTo)
      implements Command, GroupQuestion<SubscriptionReply> {
    @Override
    public GetSubscription answeredTo(ReplyTo<SubscriptionReply> other) {
      return new GetSubscription(topic, other);
    }

    @Override
    public void undelivered() {
      replyTo.tell(GroupRefused.NOT_LEADING);
    }
  }

  /** The answer to {@link GetSubscription}. */
  public sealed interface SubscriptionReply extends ControlMessage {}

  /** The group's subscription of the topic. */
  public record SubscriptionFound(Subscription subscription) implements SubscriptionReply {}

  /** Nobody in the group subscribed the topic. */
  public enum NoSubscription implements SubscriptionReply {
    INSTANCE
  }

  /**
   * The queue of a log group. A group is one actor for all log groups, and the same topic has
   * queues of the same numbers in each of them.
   */
  public record GroupQueue(String logGroup, QueueKey key) {}

  /** About offsets, see {@link OffsetKeeping}. */
  public non-sealed interface OffsetCommand extends Command {}

  /** About locks of queues, see {@link QueueLocking}. */
  public non-sealed interface LockCommand extends Command {}

  /** What tools ask, see {@link GroupInsight}. */
  public non-sealed interface InsightCommand extends Command {}

  /** About popping, see {@link Popping}. */
  public non-sealed interface PopCommand extends Command {}

  /** Has everything written that was taken, and is answered when it is; the group goes on. */
  public record Settle(ReplyTo<Settled> replyTo) implements Command, Undeliverable {
    @Override
    public void undelivered() {
      replyTo.tell(Settled.INSTANCE);
    }
  }

  /** Nothing is left to be written. */
  public enum Settled implements ControlMessage {
    INSTANCE
  }

  /** What it tells itself; never leaves the node. */
  non-sealed interface InternalCommand extends Command {}

  /**
   * Popping made progress, durably: everything below the offset is acknowledged.
   *
   * @param settings how many times an offset had been set back from outside when this was so
   */
  record PopProgress(GroupQueue queue, long offset, int settings) implements InternalCommand {}

  private enum ExpireMembers implements InternalCommand {
    INSTANCE
  }

  /** The members may be told again if the group changed since they were told. */
  private enum NotifyAgain implements InternalCommand {
    INSTANCE
  }

  /** Members are looked through this often within the time after which one expires. */
  private static final int EXPIRY_CHECKS = 12;

  /**
   * Who the group is.
   *
   * @param home the log group that holds its journal
   */
  public record Identity(String home, String group) {}

  /**
   * What the group is given.
   *
   * @param clockMs never goes back, in milliseconds from any origin
   * @param proof for answers that have to be current
   */
  public record Surroundings(
      ConsumerSettings settings, LongSupplier clockMs, LeadershipProof proof) {}

  private final Identity identity;
  private final Surroundings around;
  private final ConsumerSettings settings;
  private final LongSupplier clockMs;
  private final TimerScheduler<Command> timers;
  private final StashBuffer<Command> stash;
  private final GroupMembers members;
  private final OffsetLedger ledger;
  private final OffsetWriter writer;
  private final OffsetRequests offsets;
  private final RollWriter roll;
  private final GroupKeepers keepers;

  private ConsumerGroup(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      StashBuffer<Command> stash,
      Identity identity,
      Surroundings around) {
    super(context);
    this.timers = timers;
    this.stash = stash;
    this.identity = identity;
    this.around = around;
    this.settings = around.settings();
    this.clockMs = around.clockMs();
    this.members = new GroupMembers(settings.membersMax(), settings.topicsMax());
    this.ledger = new OffsetLedger(settings.offsetQueuesMax(), settings.waitingMax());
    this.writer = new OffsetWriter(context, timers, identity, settings, ledger);
    this.keepers = new GroupKeepers(context, identity, around, ledger);
    this.offsets = new OffsetRequests(identity.group(), around, ledger, writer, members, keepers);
    this.roll = new RollWriter(context, timers, identity, settings, members);
  }

  /** A group whose home is led here. */
  public static Behavior<Command> create(Identity identity, Surroundings around) {
    return Behaviors.withStash(
        around.settings().waitingMax(),
        stash ->
            Behaviors.withTimers(
                timers ->
                    Behaviors.setup(
                        context -> new ConsumerGroup(context, timers, stash, identity, around))));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Heartbeat.class, this::onHeartbeat)
        .onMessage(Leave.class, this::onLeave)
        .onMessage(GetMembers.class, this::onGetMembers)
        .onMessage(GetSubscription.class, this::onGetSubscription)
        .onMessage(OffsetKeeping.Request.class, this::onOffsetRequest)
        .onMessage(GroupInsight.Question.class, this::onQuestion)
        .onMessage(LockRequest.class, this::onLockRequest)
        .onMessage(Popping.Request.class, this::onPopRequest)
        .onMessage(PopProgress.class, this::onPopProgress)
        .onMessage(Settle.class, this::onSettle)
        .onMessage(OffsetWriter.Event.class, this::onWriterEvent)
        .onMessage(RollWriter.Event.class, this::onRollEvent)
        .onMessageEquals(ExpireMembers.INSTANCE, this::onExpireMembers)
        .onMessageEquals(NotifyAgain.INSTANCE, this::tellIfChanged)
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<Command> onHeartbeat(Heartbeat heartbeat) {
    boolean first = members.isEmpty();
    GroupRefused refusal =
        members.heartbeat(heartbeat.member(), heartbeat.link(), clockMs.getAsLong());
    if (ledger.hasResets()) {
      heartbeat.link().offsetsReset(identity.group());
    }
    heartbeat.replyTo().tell(refusal == null ? Joined.INSTANCE : refusal);
    if (first && !members.isEmpty()) {
      timers.startTimerWithFixedDelay(
          ExpireMembers.INSTANCE, settings.memberTimeout().dividedBy(EXPIRY_CHECKS));
    }
    return tellIfChanged();
  }

  private Behavior<Command> onLeave(Leave leave) {
    members.leave(leave.clientId(), leave.link());
    return tellIfChanged();
  }

  private Behavior<Command> onExpireMembers() {
    members.expire(clockMs.getAsLong() - settings.memberTimeout().toMillis());
    return tellIfChanged();
  }

  /**
   * Tells a change at once, and what changes shortly after it together: a thousand clients that
   * start at once would otherwise be told a thousand times each.
   */
  private Behavior<Command> tellIfChanged() {
    if (!timers.isTimerActive(NotifyAgain.INSTANCE) && members.takeChange()) {
      members.tellAllChanged(identity.group());
      timers.startSingleTimer(NotifyAgain.INSTANCE, settings.notifyInterval());
    }
    if (members.isEmpty()) {
      timers.cancel(ExpireMembers.INSTANCE);
    }
    roll.membersChanged();
    return this;
  }

  private Behavior<Command> onGetMembers(GetMembers get) {
    if (!hasRecovered()) {
      return waitForJournal(get);
    }
    Members known = new Members(members.sortedIds());
    around.proof().ask(led -> get.replyTo().tell(led ? known : GroupRefused.NOT_LEADING));
    return this;
  }

  private Behavior<Command> onGetSubscription(GetSubscription get) {
    Subscription subscription = members.subscription(get.topic());
    get.replyTo()
        .tell(subscription == null ? NoSubscription.INSTANCE : new SubscriptionFound(subscription));
    return this;
  }

  private Behavior<Command> onPopRequest(Popping.Request request) {
    if (!hasRecovered()) {
      return waitForJournal(request);
    }
    keepers.pop(request);
    return this;
  }

  private Behavior<Command> onPopProgress(PopProgress progress) {
    offsets.popped(progress);
    return this;
  }

  private Behavior<Command> onOffsetRequest(OffsetKeeping.Request request) {
    if (!hasRecovered()) {
      return waitForJournal(request);
    }
    offsets.carryOut(request);
    return this;
  }

  private Behavior<Command> onQuestion(GroupInsight.Question question) {
    if (!writer.hasRecovered()) {
      return waitForJournal(question);
    }
    GroupInsight.answer(question, members, ledger);
    return this;
  }

  private Behavior<Command> onLockRequest(LockRequest request) {
    keepers.lock(request, members.contains(request.clientId()));
    return this;
  }

  private Behavior<Command> onSettle(Settle settle) {
    writer.settle(settle.replyTo());
    return this;
  }

  private Behavior<Command> waitForJournal(Command command) {
    if (stash.isFull()) {
      refuse(command, GroupRefused.TOO_MANY_WAITING);
    } else {
      stash.stash(command);
    }
    return this;
  }

  private Behavior<Command> onWriterEvent(OffsetWriter.Event event) {
    boolean recovering = !writer.hasRecovered();
    writer.on(event);
    if (recovering && writer.hasRecovered()) {
      offsets.tellOfResets();
    }
    return goOnIfRecovered();
  }

  private Behavior<Command> onRollEvent(RollWriter.Event event) {
    roll.on(event);
    tellIfChanged();
    return goOnIfRecovered();
  }

  private Behavior<Command> goOnIfRecovered() {
    return hasRecovered() && !stash.isEmpty() ? stash.unstashAll(this) : this;
  }

  /** True once it is known what the journal has of offsets and of members. */
  private boolean hasRecovered() {
    return writer.hasRecovered() && roll.hasRecovered();
  }

  private Behavior<Command> onPostStop() {
    stash.forEach(command -> refuse(command, GroupRefused.NOT_LEADING));
    ledger.refuseWaiting(GroupRefused.NOT_LEADING);
    return this;
  }

  private static void refuse(Command command, GroupRefused refusal) {
    if (command instanceof OffsetKeeping.Request request) {
      OffsetRequests.refuse(request, refusal);
    } else if (command instanceof GetMembers get) {
      get.replyTo().tell(refusal); // clients then keep the queues that they have
    } else if (command instanceof Popping.Request popping) {
      popping.refused(refusal);
    } else if (command instanceof GroupInsight.Question question) {
      question.undelivered(); // the code is the same either way: try again
    }
  }
}
