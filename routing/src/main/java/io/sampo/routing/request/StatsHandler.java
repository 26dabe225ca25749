package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.GroupInsight.GetOffsets;
import io.sampo.actors.consumer.GroupInsight.Offsets;
import io.sampo.actors.consumer.GroupInsight.OffsetsReply;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.ConsumeStats;
import io.sampo.wire.body.QueueName;
import io.sampo.wire.body.TopicStats;
import io.sampo.wire.header.ConsumeStatsRequestHeader;
import io.sampo.wire.header.TopicHeader;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the queues of a topic hold (202) and how far a group is with them (208), each for the port's
 * log group.
 */
final class StatsHandler implements RequestHandler {
  private final Topics topics;
  private final Groups groups;
  private final LeaderCache leaders;

  StatsHandler(Topics topics, Groups groups, LeaderCache leaders) {
    this.topics = topics;
    this.groups = groups;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    Exchange request = session.begin(command);
    String logGroup = session.logGroup();
    switch (command.code()) {
      case RequestCode.GET_TOPIC_STATS_INFO ->
          withTopic(
              request,
              TopicHeader.read(command.fields()).topic(),
              topic -> topicStats(request, logGroup, topic));
      case RequestCode.GET_CONSUME_STATS ->
          consumeStats(request, logGroup, ConsumeStatsRequestHeader.read(command.fields()));
      default -> throw new IllegalArgumentException("no statistics: " + command.code());
    }
  }

  private void topicStats(Exchange request, String logGroup, TopicConfig topic) {
    new QueueSurvey(
            leaders,
            request,
            logGroup,
            (queue, bounds) -> bounds.maxOffset() - 1,
            facts -> {
              Map<QueueName, TopicStats.Stats> byQueue = new HashMap<>();
              facts.forEach(
                  (queue, fact) ->
                      byQueue.put(
                          name(logGroup, queue),
                          new TopicStats.Stats(
                              fact.bounds().minOffset(),
                              fact.bounds().maxOffset(),
                              fact.storedAtMs())));
              answer(request, new TopicStats(byQueue).toJson());
            })
        .ask(queues(topic));
  }

  private void consumeStats(Exchange request, String logGroup, ConsumeStatsRequestHeader header) {
    String group = header.consumerGroup();
    if (CatalogRules.groupNameRefusal(group) != null || groups.known(group) == null) {
      answer(request, new ConsumeStats(Map.of()).toJson()); // as RocketMQ: it has no offsets
      return;
    }
    leaders.tellGroup(group, new GetOffsets(reply -> onOffsets(request, logGroup, header, reply)));
  }

  private void onOffsets(
      Exchange request, String logGroup, ConsumeStatsRequestHeader header, OffsetsReply reply) {
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else if (reply instanceof Offsets offsets) {
      Map<QueueKey, Long> here = new HashMap<>();
      offsets
          .byQueue()
          .forEach(
              (queue, offset) -> {
                if (queue.logGroup().equals(logGroup)) {
                  here.put(queue.key(), offset);
                }
              });
      new QueueSurvey(
              leaders,
              request,
              logGroup,
              (queue, bounds) -> offset(here, queue) - 1,
              facts -> answer(request, consumeStats(logGroup, here, facts).toJson()))
          .ask(consumed(here, header.topic()));
    }
  }

  /** Every queue of each topic of which the group has an offset, or of the one asked for. */
  private Set<QueueKey> consumed(Map<QueueKey, Long> offsets, String topic) {
    Set<String> names = new HashSet<>();
    if (topic.isEmpty()) {
      offsets.keySet().forEach(queue -> names.add(queue.topic()));
    } else {
      names.add(topic);
    }
    Set<QueueKey> queues = new HashSet<>();
    for (String name : names) {
      TopicConfig known = topics.known(name);
      if (known != null) {
        queues.addAll(queues(known));
      }
    }
    return queues;
  }

  private static ConsumeStats consumeStats(
      String logGroup, Map<QueueKey, Long> offsets, Map<QueueKey, QueueSurvey.Fact> facts) {
    Map<QueueName, ConsumeStats.Stats> byQueue = new HashMap<>();
    facts.forEach(
        (queue, fact) ->
            byQueue.put(
                name(logGroup, queue),
                new ConsumeStats.Stats(
                    fact.bounds().maxOffset(), offset(offsets, queue), fact.storedAtMs())));
    return new ConsumeStats(byQueue);
  }

  private static long offset(Map<QueueKey, Long> offsets, QueueKey queue) {
    return offsets.getOrDefault(queue, 0L);
  }

  private static QueueName name(String logGroup, QueueKey queue) {
    return new QueueName(logGroup, queue.topic(), queue.queueId());
  }

  private static Set<QueueKey> queues(TopicConfig topic) {
    Set<QueueKey> queues = new HashSet<>();
    for (int id = 0; id < Math.max(topic.readQueues(), topic.writeQueues()); id++) {
      queues.add(new QueueKey(topic.name(), id));
    }
    return queues;
  }

  private void withTopic(Exchange request, String name, Consumer<TopicConfig> step) {
    TopicConfig known = topics.known(name);
    if (known != null) {
      step.accept(known);
    } else if (CatalogRules.topicNameRefusal(name) != null) {
      noTopic(request, name);
    } else {
      topics.lookUp(
          name,
          reply -> {
            if (reply instanceof TopicFound found) {
              step.accept(found.topic());
            } else if (reply == null) {
              request.answer(Refusals.CATALOG_SILENT.code(), Refusals.CATALOG_SILENT.remark());
            } else {
              noTopic(request, name);
            }
          });
    }
  }

  private static void noTopic(Exchange request, String name) {
    request.answer(ResponseCode.TOPIC_NOT_EXIST, "the topic " + name + " does not exist");
  }

  private static void answer(Exchange request, byte[] body) {
    request.answer(CommandHeader.NONE, Unpooled.wrappedBuffer(body));
  }
}
