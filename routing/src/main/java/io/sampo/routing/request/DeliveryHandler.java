package io.sampo.routing.request;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.Popping.Ack;
import io.sampo.actors.consumer.Popping.Acked;
import io.sampo.actors.consumer.Popping.ChangeInvisible;
import io.sampo.actors.consumer.Popping.Delivery;
import io.sampo.actors.consumer.Popping.DeliveryReply;
import io.sampo.actors.consumer.Popping.InvisibleChanged;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.BatchAckData;
import io.sampo.wire.body.BatchAckData.PoppedTogether;
import io.sampo.wire.header.AckRequestHeader;
import io.sampo.wire.header.ChangeInvisibleRequestHeader;
import io.sampo.wire.header.ChangeInvisibleResponseHeader;
import io.sampo.wire.header.PopHandle;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of popped messages: they are acknowledged, one (200051) or several (200151), or get
 * another invisible time (200053).
 *
 * <p>A handle that is none, or not that of a message's last delivery, changes nothing. RocketMQ's
 * broker answers NO_MESSAGE when it notices; every client takes any refusal to mean that there is
 * no such delivery.
 */
final class DeliveryHandler implements RequestHandler {
  /** RocketMQ's consumers ask for two hours at most. */
  private static final Duration INVISIBLE_MAX = Duration.ofHours(24);

  private static final String NO_SUCH_DELIVERY =
      "the message was acknowledged before, or delivered again since";

  private final KnownQueues known;
  private final LeaderCache leaders;

  DeliveryHandler(KnownQueues known, LeaderCache leaders) {
    this.known = known;
    this.leaders = leaders;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.ACK_MESSAGE -> ack(session, command);
      case RequestCode.BATCH_ACK_MESSAGE -> ackBatch(session, command);
      case RequestCode.CHANGE_MESSAGE_INVISIBLETIME -> change(session, command);
      default -> throw new IllegalArgumentException("not about deliveries: " + command.code());
    }
  }

  /** Why a message can't be invisible for that long, or null. */
  static @Nullable String invisibleProblem(long invisibleMs, long minMs) {
    return invisibleMs >= minMs && invisibleMs <= INVISIBLE_MAX.toMillis()
        ? null
        : "an invisible time is from "
            + minMs
            + " to "
            + INVISIBLE_MAX.toMillis()
            + " ms, not "
            + invisibleMs;
  }

  private void ack(ClientSession session, RemotingCommand command) {
    AckRequestHeader header = AckRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    PopHandle handle = handle(request, header.handle(), header.queueId(), header.offset());
    if (handle != null
        && isKnown(request, header.consumerGroup(), header.topic(), header.queueId())) {
      leaders.tellGroup(
          header.consumerGroup(),
          new Ack(
              queue(session, header.topic(), header.queueId()),
              List.of(new Delivery(header.offset(), handle.popTimeMs())),
              reply -> onReply(request, handle, 0, reply)));
    }
  }

  private void change(ClientSession session, RemotingCommand command) {
    ChangeInvisibleRequestHeader header = ChangeInvisibleRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    String problem = invisibleProblem(header.invisibleMs(), 0);
    if (problem != null) {
      request.answer(ResponseCode.INVALID_PARAMETER, problem);
      return;
    }
    PopHandle handle = handle(request, header.handle(), header.queueId(), header.offset());
    if (handle != null
        && isKnown(request, header.consumerGroup(), header.topic(), header.queueId())) {
      leaders.tellGroup(
          header.consumerGroup(),
          new ChangeInvisible(
              queue(session, header.topic(), header.queueId()),
              new Delivery(header.offset(), handle.popTimeMs()),
              header.invisibleMs(),
              reply -> onReply(request, handle, header.invisibleMs(), reply)));
    }
  }

  private static @Nullable PopHandle handle(
      Exchange request, String text, int queueId, long offset) {
    PopHandle handle = PopHandle.parse(text);
    if (handle == null) {
      request.answer(ResponseCode.INVALID_PARAMETER, "extraInfo is not the handle of a message");
      return null;
    }
    if (handle.queueId() != queueId || handle.queueOffset() != offset) {
      request.answer(ResponseCode.NO_MESSAGE, "extraInfo is the handle of another message");
      return null;
    }
    return handle;
  }

  private boolean isKnown(Exchange request, String group, String name, int queueId) {
    TopicConfig topic = known.topic(name);
    if (topic == null) {
      known.answerUnknownTopic(request, name);
    } else if (queueId < 0 || queueId >= Math.max(topic.readQueues(), topic.writeQueues())) {
      request.answer(
          ResponseCode.INVALID_PARAMETER, "the topic " + name + " has no queue " + queueId);
    } else if (known.group(group) == null) {
      request.answer(
          ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "the group " + group + " does not exist");
    } else {
      return true;
    }
    return false;
  }

  private static GroupQueue queue(ClientSession session, String topic, int queueId) {
    return new GroupQueue(session.logGroup(), new QueueKey(topic, queueId));
  }

  private static void onReply(
      Exchange request, PopHandle handle, long invisibleMs, DeliveryReply reply) {
    if (reply instanceof Acked acked && acked.count() > 0) {
      request.answer(CommandHeader.NONE);
    } else if (reply instanceof InvisibleChanged changed && changed.popTimeMs() >= 0) {
      request.answer(
          new ChangeInvisibleResponseHeader(
              changed.popTimeMs(), invisibleMs, handle.reviveQueueId()));
    } else if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else {
      request.answer(ResponseCode.NO_MESSAGE, NO_SUCH_DELIVERY);
    }
  }

  private void ackBatch(ClientSession session, RemotingCommand command) {
    BatchAckData data = BatchAckData.fromJson(command.body());
    BatchAckExchange request = new BatchAckExchange(session, command, data.acks());
    session.begin(request, 0);
    if (data.acks().isEmpty()) {
      request.answer(CommandHeader.NONE);
    }
    for (PoppedTogether together : data.acks()) {
      if (isKnown(request, together.group(), together.topic(), together.queueId())) {
        leaders.tellGroup(
            together.group(),
            new Ack(
                queue(session, together.topic(), together.queueId()),
                Arrays.stream(together.offsets())
                    .mapToObj(offset -> new Delivery(offset, together.popTimeMs()))
                    .toList(),
                reply -> onBatchReply(request, reply)));
      }
    }
  }

  private static void onBatchReply(BatchAckExchange request, DeliveryReply reply) {
    if (reply instanceof Acked acked) {
      request.acked(acked.count());
    } else if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    }
  }

  /** A batch that is answered when each of its parts is; the first refusal counts. */
  private static final class BatchAckExchange extends Exchange {
    private final int wanted;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicInteger unanswered;

    BatchAckExchange(ClientSession session, RemotingCommand command, List<PoppedTogether> acks) {
      super(session.connection(), command);
      this.wanted = acks.stream().mapToInt(together -> together.offsets().length).sum();
      this.unanswered = new AtomicInteger(acks.size());
    }

    void acked(int count) {
      int all = acknowledged.addAndGet(count);
      if (unanswered.decrementAndGet() > 0) {
        return;
      }
      if (all == wanted) {
        answer(CommandHeader.NONE);
      } else {
        answer(
            ResponseCode.NO_MESSAGE,
            all + " of " + wanted + " acknowledged; of the others: " + NO_SUCH_DELIVERY);
      }
    }
  }
}
