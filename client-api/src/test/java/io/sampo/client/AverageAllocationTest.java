package io.sampo.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.Test;

/** Our share of the queues must be the one that official members of the group leave to us. */
class AverageAllocationTest {
  @Test
  void everyMemberGetsWhatTheOfficialStrategyGivesIt() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    AllocateMessageQueueAveragely strategy = new AllocateMessageQueueAveragely();
    for (int queueCount = 0; queueCount <= 20; queueCount++) {
      for (int memberCount = 1; memberCount <= 8; memberCount++) {
        List<TopicQueue> queues = new ArrayList<>();
        for (int i = 0; i < queueCount; i++) {
          queues.add(new TopicQueue("T", "broker-" + i % 3, i / 3));
        }
        List<String> members = new ArrayList<>();
        for (int i = 0; i < memberCount; i++) {
          members.add("10.0.0." + random.nextInt(300) + "@" + i);
        }
        Collections.shuffle(queues, random);
        Collections.shuffle(members, random);
        List<MessageQueue> official =
            new ArrayList<>(
                queues.stream()
                    .map(q -> new MessageQueue(q.topic(), q.brokerName(), q.queueId()))
                    .sorted()
                    .toList());
        List<String> sortedMembers = members.stream().sorted().toList();
        for (String member : members) {
          List<TopicQueue> expected =
              queueCount == 0
                  ? List.of()
                  : strategy.allocate("G", member, official, sortedMembers).stream()
                      .map(q -> new TopicQueue(q.getTopic(), q.getBrokerName(), q.getQueueId()))
                      .toList();
          assertThat(AverageAllocation.shareOf(member, queues, members))
              .as("seed %d: %d queues, %d members", seed, queueCount, memberCount)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void whoIsNotAMemberGetsNothing() {
    assertThat(
            AverageAllocation.shareOf("x", List.of(new TopicQueue("T", "b", 0)), List.of("a", "b")))
        .isEmpty();
  }
}
