package io.sampo.routing.request;

import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.OffsetKeeping.CommitOffset;
import io.sampo.actors.consumer.OffsetKeeping.CommitReply;
import io.sampo.actors.consumer.OffsetKeeping.GetOffset;
import io.sampo.actors.consumer.OffsetKeeping.OffsetFound;
import io.sampo.actors.consumer.OffsetKeeping.OffsetReply;
import io.sampo.actors.group.Queue;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.BoundsReply;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.record.QueueKey;
import io.sampo.routing.net.Exchange;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.OffsetResponseHeader;
import io.sampo.wire.header.QueryOffsetRequestHeader;
import io.sampo.wire.header.QueueRequestHeader;
import io.sampo.wire.header.SearchOffsetRequestHeader;
import io.sampo.wire.header.StoreTimeResponseHeader;
import io.sampo.wire.header.UpdateOffsetRequestHeader;
import java.time.InstantSource;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What groups committed (14, 15) and what queues hold (29 to 32).
 *
 * <p>Where a group starts that never committed is decided by both sides. QUERY_NOT_FOUND makes the
 * client follow its own rule (last, first, time). As long as the queue is young the answer is 0
 * instead; see {@link StartRule}.
 */
final class OffsetHandler implements RequestHandler {
  private final Topics topics;
  private final KnownQueues known;
  private final LeaderCache leaders;
  private final StartRule startRule;

  OffsetHandler(
      OffsetSettings settings,
      Topics topics,
      KnownQueues known,
      LeaderCache leaders,
      InstantSource clock) {
    this.topics = topics;
    this.known = known;
    this.leaders = leaders;
    this.startRule = new StartRule(settings, clock);
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    switch (command.code()) {
      case RequestCode.QUERY_CONSUMER_OFFSET -> query(session, command);
      case RequestCode.UPDATE_CONSUMER_OFFSET -> update(session, command);
      case RequestCode.SEARCH_OFFSET_BY_TIMESTAMP -> search(session, command);
      case RequestCode.GET_MAX_OFFSET ->
          bounds(session, command, bounds -> new OffsetResponseHeader(bounds.maxOffset()));
      case RequestCode.GET_MIN_OFFSET ->
          bounds(session, command, bounds -> new OffsetResponseHeader(bounds.minOffset()));
      case RequestCode.GET_EARLIEST_MSG_STORETIME ->
          bounds(
              session,
              command,
              bounds -> new StoreTimeResponseHeader(bounds.oldestStoreTimestampMs()));
      default -> throw new IllegalArgumentException("not about offsets: " + command.code());
    }
  }

  private void query(ClientSession session, RemotingCommand command) {
    QueryOffsetRequestHeader header = QueryOffsetRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    String logGroup = session.logGroup();
    withQueue(
        request,
        header.topic(),
        header.queueId(),
        queue ->
            known.withGroup(
                request,
                header.consumerGroup(),
                () ->
                    leaders.tellGroup(
                        header.consumerGroup(),
                        new GetOffset(
                            new GroupQueue(logGroup, queue),
                            reply -> onOffset(request, logGroup, queue, header, reply)))));
  }

  private void onOffset(
      Exchange request,
      String logGroup,
      QueueKey queue,
      QueryOffsetRequestHeader header,
      OffsetReply reply) {
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else if (reply instanceof OffsetFound found && found.offset() >= 0) {
      request.answer(new OffsetResponseHeader(found.offset()));
    } else if (!header.zeroIfNotFound()) {
      notFound(request);
    } else {
      leaders.tellQueue(
          logGroup,
          queue,
          new Queue.GetBounds(
              bounds ->
                  onBounds(
                      request,
                      logGroup,
                      queue,
                      bounds,
                      known -> {
                        if (startRule.isYoung(known)) {
                          request.answer(new OffsetResponseHeader(0));
                        } else {
                          notFound(request);
                        }
                      })));
    }
  }

  private static void notFound(Exchange request) {
    request.answer(ResponseCode.QUERY_NOT_FOUND, "the group has not committed this queue");
  }

  private void update(ClientSession session, RemotingCommand command) {
    UpdateOffsetRequestHeader header = UpdateOffsetRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    if (header.commitOffset() < 0) {
      Refusals.NEGATIVE_OFFSET.answer(request);
      return;
    }
    String logGroup = session.logGroup();
    withQueue(
        request,
        header.topic(),
        header.queueId(),
        queue ->
            known.withGroup(
                request,
                header.consumerGroup(),
                () -> commit(request, header, new GroupQueue(logGroup, queue))));
  }

  private void commit(Exchange request, UpdateOffsetRequestHeader header, GroupQueue queue) {
    leaders.tellGroup(
        header.consumerGroup(),
        new CommitOffset(queue, header.commitOffset(), reply -> onCommitted(request, reply)));
  }

  private static void onCommitted(Exchange request, CommitReply reply) {
    if (reply instanceof GroupRefused refused) {
      Refusals.of(refused).answer(request);
    } else {
      request.answer(CommandHeader.NONE);
    }
  }

  private void search(ClientSession session, RemotingCommand command) {
    SearchOffsetRequestHeader header = SearchOffsetRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    String logGroup = session.logGroup();
    withQueue(
        request,
        header.topic(),
        header.queueId(),
        queue ->
            leaders.tellQueue(
                logGroup,
                queue,
                new Queue.SearchOffset(
                    header.timestampMs(),
                    header.upper(),
                    reply -> {
                      if (reply instanceof Queue.OffsetFound found) {
                        request.answer(new OffsetResponseHeader(found.offset()));
                      } else if (reply instanceof ReadRefused refused) {
                        onRefused(request, logGroup, queue, refused);
                      }
                    })));
  }

  private void bounds(
      ClientSession session, RemotingCommand command, Function<Bounds, CommandHeader> answer) {
    QueueRequestHeader header = QueueRequestHeader.read(command.fields());
    Exchange request = session.begin(command);
    String logGroup = session.logGroup();
    withQueue(
        request,
        header.topic(),
        header.queueId(),
        queue ->
            leaders.tellQueue(
                logGroup,
                queue,
                new Queue.GetBounds(
                    reply ->
                        onBounds(
                            request,
                            logGroup,
                            queue,
                            reply,
                            bounds -> request.answer(answer.apply(bounds))))));
  }

  private void onBounds(
      Exchange request,
      String logGroup,
      QueueKey queue,
      BoundsReply reply,
      Consumer<Bounds> receiver) {
    if (reply instanceof Bounds bounds) {
      receiver.accept(bounds);
    } else if (reply instanceof ReadRefused refused) {
      onRefused(request, logGroup, queue, refused);
    }
  }

  /** Goes on once the topic is known to have the queue. */
  private void withQueue(Exchange request, String name, int queueId, Consumer<QueueKey> step) {
    topics.with(request, name, topic -> checkQueue(request, topic, queueId, step));
  }

  /** Queues stay readable for tools when a topic is made narrower for one side. */
  private static void checkQueue(
      Exchange request, TopicConfig topic, int queueId, Consumer<QueueKey> step) {
    int queues = Math.max(topic.readQueues(), topic.writeQueues());
    if (queueId < 0 || queueId >= queues) {
      request.answer(
          ResponseCode.INVALID_PARAMETER,
          "the topic "
              + topic.name()
              + " has the queues 0 to "
              + (queues - 1)
              + ", not "
              + queueId);
      return;
    }
    step.accept(new QueueKey(topic.name(), queueId));
  }

  private void onRefused(Exchange request, String logGroup, QueueKey queue, ReadRefused refused) {
    if (refused == ReadRefused.NOT_LEADING) {
      leaders.forgetQueue(logGroup, queue);
    }
    Refusals.of(refused).answer(request);
  }
}
