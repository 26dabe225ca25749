package io.sampo.routing.request;

import io.netty.buffer.Unpooled;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.CommitReply;
import io.sampo.actors.consumer.OffsetKeeping.ResetOffsets;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.BoundsReply;
import io.sampo.actors.group.Queue.OffsetFound;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.actors.group.Queue.SearchReply;
import io.sampo.record.QueueKey;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.QueueName;
import io.sampo.wire.body.ResetOffsetBody;
import io.sampo.wire.header.ResetOffsetRequestHeader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Resets a group's offsets of a topic's queues in the port's log group (222), to a time or of one
 * queue to an offset. Whether anybody consumes doesn't matter: the group keeps the new offsets
 * against what its consumers still commit, and their next pulls are answered with where to go on.
 */
final class ResetHandler implements RequestHandler {
  private final Topics topics;
  private final Groups groups;
  private final LeaderCache leaders;

  ResetHandler(Topics topics, Groups groups, LeaderCache leaders) {
    this.topics = topics;
    this.groups = groups;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    ResetOffsetRequestHeader header = ResetOffsetRequestHeader.read(command.fields());
    Reset reset = new Reset(session, command, header);
    session.begin(reset, 0);
    if (groups.known(header.group()) == null) {
      reset.answer(
          ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST,
          "the group " + header.group() + " does not exist");
      return;
    }
    TopicConfig topic = topics.known(header.topic());
    if (topic != null) {
      reset.start(topic);
    } else if (CatalogRules.topicNameRefusal(header.topic()) != null) {
      reset.noTopic();
    } else {
      topics.lookUp(
          header.topic(),
          reply -> {
            if (reply instanceof TopicFound found) {
              session.resume(reset, () -> reset.start(found.topic()));
            } else if (reply == null) {
              reset.refuse(Refusals.CATALOG_SILENT);
            } else {
              reset.noTopic();
            }
          });
    }
  }

  /** One reset: asks the queues where to go, then the group to go there. */
  private final class Reset extends LedRequest {
    private final String logGroup;
    private final ResetOffsetRequestHeader header;
    private final Map<QueueKey, Long> targets = new ConcurrentHashMap<>();
    private final AtomicInteger unanswered = new AtomicInteger();

    Reset(ClientSession session, RemotingCommand command, ResetOffsetRequestHeader header) {
      super(session, command);
      this.logGroup = session.logGroup();
      this.header = header;
    }

    void noTopic() {
      answer(ResponseCode.TOPIC_NOT_EXIST, "the topic " + header.topic() + " does not exist");
    }

    void refuse(Refusals refusal) {
      refusal.answer(this);
    }

    void start(TopicConfig topic) {
      int count = Math.max(topic.readQueues(), topic.writeQueues());
      boolean one = header.queueId() != ResetOffsetRequestHeader.ALL_QUEUES;
      if (one && (header.queueId() < 0 || header.queueId() >= count)) {
        answer(
            ResponseCode.INVALID_PARAMETER,
            "the topic %s has the queues 0 to %d, not %d"
                .formatted(topic.name(), count - 1, header.queueId()));
        return;
      }
      if (!one && header.offset() != ResetOffsetRequestHeader.NO_OFFSET) {
        answer(ResponseCode.INVALID_PARAMETER, "an offset is of one queue, name it");
        return;
      }
      List<QueueKey> queues =
          (one ? IntStream.of(header.queueId()) : IntStream.range(0, count))
              .mapToObj(queueId -> new QueueKey(topic.name(), queueId))
              .toList();
      unanswered.set(queues.size());
      queues.forEach(this::ask);
    }

    private void ask(QueueKey queue) {
      boolean byOffset = header.offset() != ResetOffsetRequestHeader.NO_OFFSET;
      if (byOffset || header.timestampMs() < 0) {
        leaders.tellQueue(
            logGroup, queue, new Queue.GetBounds(reply -> onBounds(queue, byOffset, reply)));
      } else {
        leaders.tellQueue(
            logGroup,
            queue,
            new Queue.SearchOffset(header.timestampMs(), false, reply -> onTime(queue, reply)));
      }
    }

    private void onBounds(QueueKey queue, boolean byOffset, BoundsReply reply) {
      if (reply instanceof Bounds bounds) {
        long target = byOffset ? header.offset() : bounds.maxOffset();
        if (target < bounds.minOffset() || target > bounds.maxOffset()) {
          answer(
              ResponseCode.SYSTEM_ERROR,
              "the queue has the offsets from %d to %d, not %d"
                  .formatted(bounds.minOffset(), bounds.maxOffset(), target));
        } else {
          onTarget(queue, target);
        }
      } else if (reply instanceof ReadRefused refused) {
        onRefused(queue, refused);
      }
    }

    private void onTime(QueueKey queue, SearchReply reply) {
      if (reply instanceof OffsetFound found) {
        onTarget(queue, found.offset());
      } else if (reply instanceof ReadRefused refused) {
        onRefused(queue, refused);
      }
    }

    private void onRefused(QueueKey queue, ReadRefused refused) {
      if (refused == ReadRefused.NOT_LEADING) {
        leaders.forgetQueue(logGroup, queue);
      }
      refuse(Refusals.of(refused));
    }

    private void onTarget(QueueKey queue, long offset) {
      targets.put(queue, offset);
      if (unanswered.decrementAndGet() == 0 && !isAnswered()) {
        Map<GroupQueue, Long> ofGroup = new HashMap<>();
        targets.forEach((key, target) -> ofGroup.put(new GroupQueue(logGroup, key), target));
        leaders.tellGroup(header.group(), new ResetOffsets(ofGroup, this::onReset));
      }
    }

    private void onReset(CommitReply reply) {
      if (reply instanceof GroupRefused refused) {
        refuse(Refusals.of(refused));
        return;
      }
      Map<QueueName, Long> told = new HashMap<>();
      targets.forEach(
          (queue, target) -> {
            // Who waits for messages at the old offset hears of the new one by its next pull.
            leaders.tellQueue(logGroup, queue, Queue.EndWaits.INSTANCE);
            told.put(new QueueName(logGroup, queue.topic(), queue.queueId()), target);
          });
      answer(CommandHeader.NONE, Unpooled.wrappedBuffer(new ResetOffsetBody(told).toJson()));
    }
  }
}
