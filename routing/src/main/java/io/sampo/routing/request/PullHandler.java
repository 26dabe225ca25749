package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GetSubscription;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.SubscriptionFound;
import io.sampo.actors.consumer.ConsumerGroup.SubscriptionReply;
import io.sampo.actors.consumer.OffsetKeeping.AdvanceOffset;
import io.sampo.actors.consumer.OffsetKeeping.CheckPull;
import io.sampo.actors.consumer.OffsetKeeping.CheckReply;
import io.sampo.actors.consumer.OffsetKeeping.PullGoesOn;
import io.sampo.actors.consumer.OffsetKeeping.PullMoved;
import io.sampo.actors.filter.BadFilterException;
import io.sampo.actors.filter.SubscriptionFilter;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.record.QueueKey;
import io.sampo.routing.request.PullSubscriptions.Subscription;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.PullRequestHeader;
import org.jspecify.annotations.Nullable;

/**
 * Pulls (11, 361). Checks the topic and the group, finds the filter, takes over the offset that
 * came along, and asks the queue; the answer goes straight from the queue to the connection.
 *
 * <p>The filter is in the request, or it is the group's subscription as its newest heartbeat said;
 * that is asked for once per connection and subscription version.
 */
final class PullHandler implements RequestHandler {
  private final PullSettings settings;
  private final Topics topics;
  private final Groups groups;
  private final LeaderCache leaders;

  PullHandler(PullSettings settings, Topics topics, Groups groups, LeaderCache leaders) {
    this.settings = settings;
    this.topics = topics;
    this.groups = groups;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    PullRequestHeader header = header(command);
    String problem = problem(header);
    if (problem == null && groups.known(header.consumerGroup()) == null) {
      problem = CatalogRules.groupNameRefusal(header.consumerGroup());
    }
    if (problem != null) {
      session.begin(command).answer(ResponseCode.INVALID_PARAMETER, problem);
      return;
    }
    PullExchange pull =
        new PullExchange(
            session, command, leaders, header, new QueueKey(header.topic(), header.queueId()));
    boolean mayWait = header.maySuspend() && session.connection().mayWait();
    session.begin(pull, header.maySuspend() ? waitMillis(header) : 0);
    if (header.maySuspend() && !mayWait) {
      pull.answer(Refusals.PULLS_WAITING.code(), Refusals.PULLS_WAITING.remark());
      return;
    }
    TopicConfig topic = topics.known(header.topic());
    if (topic != null) {
      onTopic(session, pull, topic);
    } else {
      topics.find(
          pull, header.topic(), found -> session.resume(pull, () -> onTopic(session, pull, found)));
    }
  }

  private static PullRequestHeader header(RemotingCommand command) {
    PullRequestHeader header = PullRequestHeader.read(command.fields());
    return header.hasSubscription() || header.subscription() == null
        ? header
        : header.withoutSubscription();
  }

  /** Why there can't be such a queue, or null. */
  private static @Nullable String problem(PullRequestHeader header) {
    if (header.topic().isEmpty()) {
      return "the topic has no name";
    }
    return header.queueId() < 0 ? "a queue id is never negative" : null;
  }

  private long waitMillis(PullRequestHeader header) {
    return Math.max(0, Math.min(header.suspendMaxMs(), settings.waitMax().toMillis()));
  }

  private void onTopic(ClientSession session, PullExchange pull, TopicConfig topic) {
    PullRequestHeader header = pull.header();
    if (!topic.isReadable()) {
      pull.answer(
          ResponseCode.NO_PERMISSION, "the topic " + topic.name() + " does not allow reading");
      return;
    }
    if (header.queueId() >= topic.readQueues()) {
      pull.answer(
          ResponseCode.INVALID_PARAMETER,
          "the topic "
              + topic.name()
              + " has the queues 0 to "
              + (topic.readQueues() - 1)
              + ", not "
              + header.queueId());
      return;
    }
    SubscriptionGroupConfig group = groups.known(header.consumerGroup());
    if (group != null && !group.consumeEnable()) {
      pull.answer(
          ResponseCode.NO_PERMISSION, "the group " + group.name() + " is not allowed to consume");
      return;
    }
    if (group != null && !group.consumeBroadcastEnable() && session.isBroadcasting(group.name())) {
      pull.answer(
          ResponseCode.NO_PERMISSION,
          "the group " + group.name() + " is not allowed to consume by broadcast");
      return;
    }
    Subscription subscription = subscription(session, header);
    if (subscription != null) {
      pull(session, pull, subscription);
    } else if (!header.hasSubscription()) {
      askGroup(session, pull);
    } else {
      subscribe(
          session,
          pull,
          header.subscription(),
          header.expressionType(),
          header.subscriptionVersion());
    }
  }

  private static @Nullable Subscription subscription(
      ClientSession session, PullRequestHeader header) {
    PullSubscriptions known = session.subscriptions();
    return header.hasSubscription()
        ? known.carried(
            header.consumerGroup(), header.topic(), header.expressionType(), header.subscription())
        : known.learned(header.consumerGroup(), header.topic(), header.subscriptionVersion());
  }

  private void askGroup(ClientSession session, PullExchange pull) {
    PullRequestHeader header = pull.header();
    if (groups.known(header.consumerGroup()) == null) {
      // A group is made by its first heartbeat, which a pull of this kind relies on.
      pull.answer(
          ResponseCode.SUBSCRIPTION_NOT_EXIST,
          "the group " + header.consumerGroup() + " has not announced a subscription");
      return;
    }
    leaders.tellGroup(
        header.consumerGroup(),
        new GetSubscription(
            header.topic(), reply -> session.resume(pull, () -> onReply(session, pull, reply))));
  }

  private void onReply(ClientSession session, PullExchange pull, SubscriptionReply reply) {
    PullRequestHeader header = pull.header();
    if (reply instanceof SubscriptionFound found) {
      ConsumerGroup.Subscription subscription = found.subscription();
      if (subscription.version() < header.subscriptionVersion()) {
        pull.answer(
            ResponseCode.SUBSCRIPTION_NOT_LATEST,
            "the group's subscription of " + header.topic() + " is older than the pull's");
        return;
      }
      subscribe(
          session,
          pull,
          subscription.expression(),
          subscription.expressionType(),
          subscription.version());
    } else if (reply instanceof GroupRefused refused) {
      Refusals refusal = Refusals.of(refused);
      pull.answer(refusal.code(), refusal.remark());
    } else {
      pull.answer(
          ResponseCode.SUBSCRIPTION_NOT_EXIST,
          "the group " + header.consumerGroup() + " does not subscribe to " + header.topic());
    }
  }

  private void subscribe(
      ClientSession session,
      PullExchange pull,
      @Nullable String expression,
      @Nullable String expressionType,
      long version) {
    PullRequestHeader header = pull.header();
    EntryFilter filter;
    try {
      filter = SubscriptionFilter.compile(expressionType, expression, settings.filter());
    } catch (BadFilterException e) {
      pull.answer(ResponseCode.SUBSCRIPTION_PARSE_FAILED, e.getMessage());
      return;
    }
    pull(
        session,
        pull,
        session
            .subscriptions()
            .remember(
                header.consumerGroup(),
                header.topic(),
                expressionType,
                expression,
                version,
                filter));
  }

  private void pull(ClientSession session, PullExchange pull, Subscription subscription) {
    if (!asksFirst(pull, subscription)) {
      askQueue(pull, subscription);
      return;
    }
    leaders.tellGroup(
        pull.header().consumerGroup(),
        new CheckPull(
            new GroupQueue(pull.logGroup(), pull.queue()),
            pull.header().queueOffset(),
            reply -> session.resume(pull, () -> onChecked(session, pull, subscription, reply))));
  }

  /** The node that relays a pull was told of resets, not this one. */
  private boolean asksFirst(PullExchange pull, Subscription subscription) {
    return subscription.asksFirst()
        || (pull.isRelayed() && groups.known(pull.header().consumerGroup()) != null);
  }

  private void onChecked(
      ClientSession session, PullExchange pull, Subscription subscription, CheckReply reply) {
    String group = pull.header().consumerGroup();
    if (reply instanceof PullMoved moved) {
      pull.moveTo(moved.offset());
    } else if (reply instanceof PullGoesOn goesOn) {
      if (!goesOn.ask()) {
        session.subscriptions().askNoLonger(group);
      }
      askQueue(pull, subscription);
    } else if (reply instanceof GroupRefused refused) {
      Refusals refusal = Refusals.of(refused);
      pull.answer(refusal.code(), refusal.remark());
    }
  }

  private void askQueue(PullExchange pull, Subscription subscription) {
    PullRequestHeader header = pull.header();
    if (header.commitsOffset()
        && header.commitOffset() >= 0
        && groups.known(header.consumerGroup()) != null
        && subscription.commits(header.queueId(), header.commitOffset())) {
      leaders.tellGroup(
          header.consumerGroup(),
          new AdvanceOffset(new GroupQueue(pull.logGroup(), pull.queue()), header.commitOffset()));
    }
    int messages = Math.max(1, Math.min(header.messagesMax(), settings.messagesMax()));
    int bytes = Math.max(1, Math.min(header.bodyBytesMax(), settings.bytesMax()));
    pull.pull(
        subscription.filter(),
        new Queue.PullLimits(messages, bytes),
        header.maySuspend() ? waitMillis(header) : 0);
  }
}
