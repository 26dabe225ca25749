package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.Popping.Wish;
import io.sampo.actors.filter.BadFilterException;
import io.sampo.actors.filter.SubscriptionFilter;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.NotificationRequestHeader;
import io.sampo.wire.header.NotificationResponseHeader;
import io.sampo.wire.header.PopRequestHeader;
import io.sampo.wire.header.PopResponseHeader;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Pops (200050) and the question whether there is something to pop (200054). Checks the topic and
 * the group, makes the filter, and lets a {@link PopExchange} do the rest.
 */
final class PopHandler implements RequestHandler {
  /** RocketMQ's broker takes no more either. */
  private static final int MESSAGES_MAX = 32;

  /** Clients make it of their id and a number. */
  private static final int ATTEMPT_ID_LENGTH_MAX = 512;

  /** Of a question, which pops nothing. */
  private static final long ANY_TIME = 1;

  private final PullSettings settings;
  private final KnownQueues known;
  private final LeaderCache leaders;
  private final StartRule startRule;
  private final PopDeadLetters deadLetters;

  PopHandler(
      PullSettings settings,
      KnownQueues known,
      LeaderCache leaders,
      StartRule startRule,
      PopDeadLetters deadLetters) {
    this.settings = settings;
    this.known = known;
    this.leaders = leaders;
    this.startRule = startRule;
    this.deadLetters = deadLetters;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    if (command.code() == RequestCode.NOTIFICATION) {
      NotificationRequestHeader header = NotificationRequestHeader.read(command.fields());
      handle(
          session,
          command,
          true,
          new PopRequestHeader(
              header.consumerGroup(),
              header.topic(),
              header.queueId(),
              1,
              ANY_TIME,
              header.pollMs(),
              header.bornTimestampMs(),
              PopRequestHeader.FROM_MIN,
              header.expressionType(),
              header.expression(),
              header.inOrder(),
              header.attemptId()));
    } else {
      handle(session, command, false, PopRequestHeader.read(command.fields()));
    }
  }

  private void handle(
      ClientSession session, RemotingCommand command, boolean peek, PopRequestHeader header) {
    String badGroup = CatalogRules.groupNameRefusal(header.consumerGroup());
    if (badGroup != null) { // told as of a group that nobody knows
      session.begin(command).answer(ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, badGroup);
      return;
    }
    String problem = problem(header);
    if (problem != null) {
      session.begin(command).answer(ResponseCode.INVALID_PARAMETER, problem);
      return;
    }
    EntryFilter filter;
    try {
      filter = filter(session, header);
    } catch (BadFilterException e) {
      session.begin(command).answer(ResponseCode.SUBSCRIPTION_PARSE_FAILED, e.getMessage());
      return;
    }
    TopicConfig topic = known.topic(header.topic());
    int queues = topic == null ? 0 : topic.readQueues();
    long waitMs = Math.max(0, Math.min(header.pollMs(), settings.waitMax().toMillis()));
    boolean mayWait = waitMs == 0 || session.connection().mayWait();
    PopExchange pop =
        new PopExchange(
            session,
            command,
            leaders,
            deadLetters,
            new PopExchange.Order(
                header.consumerGroup(),
                new Wish(
                    session.logGroup(),
                    header.topic(),
                    header.queueId(),
                    queues,
                    header.messagesMax(),
                    header.invisibleMs(),
                    waitMs,
                    header.inOrder(),
                    header.attemptId(),
                    peek),
                filter,
                firstOffset(header),
                retriesMax(header.consumerGroup()),
                settings.bytesMax(),
                settings.waitMax()));
    session.begin(pop, waitMs);
    if (!mayWait) {
      answerFull(pop, peek);
    } else if (topic == null) {
      known.answerUnknownTopic(pop, header.topic());
    } else if (isAllowed(pop, topic, header)) {
      known.withGroup(pop, header.consumerGroup(), pop::pop);
    }
  }

  private static void answerFull(Exchange pop, boolean peek) {
    if (peek) {
      pop.answer(new NotificationResponseHeader(false, true));
    } else {
      pop.answer(
          ResponseCode.POLLING_FULL, Refusals.PULLS_WAITING.remark(), PopResponseHeader.NOTHING);
    }
  }

  private static @Nullable String problem(PopRequestHeader header) {
    if (header.messagesMax() < 1 || header.messagesMax() > MESSAGES_MAX) {
      return "a pop brings 1 to " + MESSAGES_MAX + " messages, not " + header.messagesMax();
    }
    String attemptId = header.attemptId();
    if (attemptId != null && attemptId.length() > ATTEMPT_ID_LENGTH_MAX) {
      return "the attempt's id is longer than " + ATTEMPT_ID_LENGTH_MAX + " characters";
    }
    String problem = CatalogRules.subscribedTopicRefusal(header.topic());
    if (problem != null) {
      return problem;
    }
    if (header.queueId() < -1) {
      return "a queue id is -1 for all or not negative, was " + header.queueId();
    }
    return DeliveryHandler.invisibleProblem(header.invisibleMs(), 1);
  }

  private boolean isAllowed(Exchange pop, TopicConfig topic, PopRequestHeader header) {
    if (!topic.isReadable()) {
      pop.answer(
          ResponseCode.NO_PERMISSION, "the topic " + topic.name() + " does not allow reading");
      return false;
    }
    if (header.queueId() >= topic.readQueues()) {
      pop.answer(
          ResponseCode.INVALID_PARAMETER,
          "the topic " + topic.name() + " has " + topic.readQueues() + " queues to read");
      return false;
    }
    SubscriptionGroupConfig group = known.group(header.consumerGroup());
    if (group != null && !group.consumeEnable()) {
      pop.answer(
          ResponseCode.NO_PERMISSION, "the group " + group.name() + " is not allowed to consume");
      return false;
    }
    return true;
  }

  /** Without an expression everything matches, whatever the group subscribed; as in RocketMQ. */
  private EntryFilter filter(ClientSession session, PopRequestHeader header)
      throws BadFilterException {
    String expression = header.expression();
    if (expression == null || expression.isEmpty()) {
      return EntryFilter.ALL;
    }
    PullSubscriptions subscriptions = session.subscriptions();
    PullSubscriptions.Subscription last =
        subscriptions.carried(
            header.consumerGroup(), header.topic(), header.expressionType(), expression);
    return last != null
        ? last.filter()
        : subscriptions
            .remember(
                header.consumerGroup(),
                header.topic(),
                header.expressionType(),
                expression,
                0,
                SubscriptionFilter.compile(header.expressionType(), expression, settings.filter()))
            .filter();
  }

  private int retriesMax(String name) {
    SubscriptionGroupConfig group = known.group(name);
    return (group == null ? SubscriptionGroupConfig.withDefaults(name) : group).retryMaxTimes();
  }

  private ToLongFunction<Bounds> firstOffset(PopRequestHeader header) {
    return header.initMode() == PopRequestHeader.FROM_MAX
        ? bounds -> startRule.isYoung(bounds) ? 0 : bounds.maxOffset()
        : Bounds::minOffset;
  }
}
