package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.HeartbeatData;
import io.sampo.wire.body.SubscriptionData;
import org.jspecify.annotations.Nullable;

/**
 * What a heartbeat may say. Groups keep it as long as the client is there, and write down who is,
 * so texts have a length before anybody is told of them. Stateless; any thread.
 *
 * @param expressionLengthMax of a subscription, in characters
 */
record HeartbeatLimits(int expressionLengthMax) {
  /** Of one member of one group. */
  private static final int SUBSCRIPTIONS_MAX = 1024;

  /** Of one member of one group, together; a single longer one may be allowed. */
  private static final int EXPRESSIONS_LENGTH_MAX = 64 * 1024;

  /** Of what a member says in words that are the protocol's: the longest has 34 characters. */
  private static final int WORD_LENGTH_MAX = 64;

  /** Why the heartbeat is refused as a whole, or null. */
  @Nullable String problem(HeartbeatData data) {
    String problem = CatalogRules.clientIdRefusal(data.clientId());
    for (String group : data.producerGroups()) {
      problem = problem == null ? CatalogRules.producerGroupRefusal(group) : problem;
    }
    for (ConsumerData consumer : data.consumers()) {
      problem = problem == null ? problem(consumer) : problem;
    }
    return problem;
  }

  private @Nullable String problem(ConsumerData consumer) {
    String problem = CatalogRules.groupNameRefusal(consumer.group());
    if (problem != null) {
      return problem;
    }
    if (isTooLong(consumer.consumeType())
        || isTooLong(consumer.messageModel())
        || isTooLong(consumer.consumeFrom())) {
      return "the way that the group " + consumer.group() + " consumes is unknown";
    }
    if (consumer.subscriptions().size() > SUBSCRIPTIONS_MAX) {
      return "the group "
          + consumer.group()
          + " subscribes to more than "
          + SUBSCRIPTIONS_MAX
          + " topics";
    }
    long expressionsLength = 0;
    for (SubscriptionData subscription : consumer.subscriptions()) {
      problem = problem == null ? problem(subscription) : problem;
      expressionsLength += subscription.expression().length();
    }
    if (problem == null
        && expressionsLength > Math.max(EXPRESSIONS_LENGTH_MAX, expressionLengthMax)) {
      return "the expressions of the group " + consumer.group() + " are too long together";
    }
    return problem;
  }

  private @Nullable String problem(SubscriptionData subscription) {
    String problem = CatalogRules.subscribedTopicRefusal(subscription.topic());
    if (problem != null) {
      return problem;
    }
    if (isTooLong(subscription.expressionType())) {
      return "the expression of " + subscription.topic() + " is of an unknown type";
    }
    return subscription.expression().length() > expressionLengthMax
        ? "the expression of "
            + subscription.topic()
            + " is longer than "
            + expressionLengthMax
            + " characters"
        : null;
  }

  private static boolean isTooLong(String word) {
    return word.length() > WORD_LENGTH_MAX;
  }
}
