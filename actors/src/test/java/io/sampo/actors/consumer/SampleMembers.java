package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.Member;
import io.sampo.actors.consumer.ConsumerGroup.Subscription;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Members as push consumers describe themselves. */
final class SampleMembers {
  private SampleMembers() {}

  static Member member(String clientId, Subscription... subscriptions) {
    return new Member(
        clientId,
        "10.0.0.1:40000",
        0,
        513,
        "CONSUME_PASSIVELY",
        "CLUSTERING",
        "CONSUME_FROM_LAST_OFFSET",
        Arrays.stream(subscriptions).collect(Collectors.toMap(Subscription::topic, s -> s)));
  }

  static Subscription tags(String topic, String expression, long version) {
    return new Subscription(topic, expression, "TAG", version);
  }
}
