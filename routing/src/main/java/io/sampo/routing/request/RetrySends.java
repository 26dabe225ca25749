package io.sampo.routing.request;

import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.QueueLocking.AskLocksHeld;
import io.sampo.actors.consumer.QueueLocking.LockReply;
import io.sampo.actors.consumer.QueueLocking.LocksHeld;
import io.sampo.wire.header.SendRequestHeader;
import java.util.function.BiConsumer;

/**
 * Sends to the retry topic of a group, which its own consumers make: those that consume in order
 * when they give a message up, and others when the broker didn't take it back (36). As in
 * RocketMQ's SendMessageProcessor (handleRetryAndDLQ), it becomes a dead letter when it was tried
 * more often than it may, or when the group holds any queue lock: who consumes in order has tried
 * often enough by itself. Otherwise it is a send like others, mostly with a delay.
 */
final class RetrySends {
  private static final int DEAD_LETTER_QUEUE = 0;

  private final RetryTarget targets;
  private final LeaderCache leaders;

  RetrySends(RetryTarget targets, LeaderCache leaders) {
    this.targets = targets;
    this.leaders = leaders;
  }

  /**
   * Decides about a send, or refuses it.
   *
   * @param append goes on with the send, whose header may be another then, to that topic. Called at
   *     most once, on any thread
   */
  void route(SendExchange send, BiConsumer<SendExchange, TopicConfig> append) {
    String group = send.header().topic().substring(CatalogRules.RETRY_PREFIX.length());
    targets.find(
        group,
        new RetryTarget.GroupReceiver() {
          @Override
          public void onGroup(SubscriptionGroupConfig config, TopicConfig retryTopic) {
            send.returnedBy(group);
            send.goOn(
                () -> {
                  forgetFormerOrigin(send);
                  decide(send, config, retryTopic, append);
                });
          }

          @Override
          public void onRefused(int code, String remark) {
            send.refuse(code, remark);
          }
        });
  }

  private static void forgetFormerOrigin(SendExchange send) {
    SendRequestHeader header = send.header();
    byte[] sent = header.properties();
    byte[] kept = RetriedMessage.withoutFormerOrigin(sent);
    if (kept != null && kept != sent) {
      send.redirect(header.topic(), header.queueId(), kept);
    }
  }

  private void decide(
      SendExchange send,
      SubscriptionGroupConfig group,
      TopicConfig retryTopic,
      BiConsumer<SendExchange, TopicConfig> append) {
    SendRequestHeader header = send.header();
    int timesMax =
        header.maxReconsumeTimes() >= 0 ? header.maxReconsumeTimes() : group.retryMaxTimes();
    if (header.reconsumeTimes() > timesMax) {
      giveUp(send, group.name(), append);
      return;
    }
    leaders.tellGroup(
        group.name(),
        new AskLocksHeld(
            reply ->
                send.goOn(
                    () -> {
                      if (isHeld(send, reply)) {
                        giveUp(send, group.name(), append);
                      } else if (reply instanceof LocksHeld) {
                        append.accept(send, retryTopic);
                      }
                    })));
  }

  /** Refuses the send when the group didn't say. */
  private static boolean isHeld(SendExchange send, LockReply reply) {
    if (reply instanceof GroupRefused refused) {
      send.refuse(Refusals.of(refused));
    }
    return reply instanceof LocksHeld locks && locks.any();
  }

  private void giveUp(
      SendExchange send, String group, BiConsumer<SendExchange, TopicConfig> append) {
    targets.findDeadLetters(
        group,
        new RetryTarget.TopicReceiver() {
          @Override
          public void onTopic(TopicConfig topic) {
            send.goOn(
                () -> {
                  send.redirect(
                      topic.name(),
                      DEAD_LETTER_QUEUE,
                      RetriedMessage.deadLetterProperties(send.header().properties()));
                  append.accept(send, topic);
                });
          }

          @Override
          public void onRefused(int code, String remark) {
            send.refuse(code, remark);
          }
        });
  }
}
