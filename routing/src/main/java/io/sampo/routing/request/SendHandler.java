package io.sampo.routing.request;

import io.netty.buffer.ByteBuf;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicReply;
import io.sampo.actors.catalog.CatalogRules;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.group.Queue;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.record.BatchBody;
import io.sampo.record.BodyCrc;
import io.sampo.record.MalformedBatchException;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.Returned;
import io.sampo.record.SendKey;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.SendRequestHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sends: one message (10, 310) or a batch (320, or 310 with the batch field), answered or one-way;
 * half messages are passed to {@link HalfSends}, delayed ones to {@link DelayedSends}. The body
 * stays in the buffer that it was received in until the log has it.
 *
 * <p>A queue number that the topic doesn't have is no reason to refuse: the client's own retry of
 * an asynchronous send carries the number of another broker, and is not repeated when it is
 * refused. Such a message goes to the queue of that number modulo the topic's queues, and the
 * answer says where; so messages of one stale number keep their order. A negative number means any
 * queue.
 *
 * <p>Sends to a group's retry topic are {@link RetrySends}.
 */
final class SendHandler implements RequestHandler {
  private static final int CLIENT_DEFAULT_QUEUES = 4;
  private static final byte[] NO_PROPERTIES = {};

  private final SendSettings settings;
  private final Topics topics;
  private final Brokers brokers;
  private final LeaderCache leaders;
  private final HalfSends halves;
  private final DelayedSends delayedSends;
  private final RetrySends retrySends;

  /** What a message that waits for a reply tells its consumer: where replies go. */
  private final byte[] clusterProperty;

  SendHandler(
      SendSettings settings,
      Topics topics,
      Brokers brokers,
      LeaderCache leaders,
      DelayedSends delayedSends,
      RetrySends retrySends) {
    this.settings = settings;
    this.topics = topics;
    this.brokers = brokers;
    this.leaders = leaders;
    this.clusterProperty = MessageProperties.encode(Map.of("CLUSTER", brokers.clusterName()));
    this.halves = new HalfSends(leaders);
    this.delayedSends = delayedSends;
    this.retrySends = retrySends;
  }

  @Override
  public void handle(ClientSession session, RemotingCommand command) {
    SendRequestHeader header =
        command.code() == RequestCode.SEND_MESSAGE
            ? SendRequestHeader.readLongNames(command.fields())
            : SendRequestHeader.read(command.fields());
    SendExchange send =
        new SendExchange(this, session, command, brokers.broker(session.logGroup()), header);
    session.begin(send, 0);
    String problem = problem(command.code(), header, command.body());
    if (problem == null && HalfSends.isTransactional(header)) {
      if (!send.isRelayed()) { // it is asked where it is connected
        session.produces(header.producerGroup());
      }
      problem = HalfSends.problem(header, isBatch(send), send.isOneway());
    }
    if (problem != null) {
      send.refuse(ResponseCode.MESSAGE_ILLEGAL, problem);
      return;
    }
    send.take(command.body());
    try {
      if (Names.isRetry(header.topic())) {
        retrySends.route(send, this::append);
        return;
      }
      TopicConfig topic = topics.knownToSenders(header.topic());
      if (topic != null) {
        append(send, topic);
      } else {
        findOrCreate(send);
      }
    } catch (RuntimeException e) {
      send.abandon();
      throw e;
    }
  }

  /** What no topic would take, or null. */
  private @Nullable String problem(int requestCode, SendRequestHeader header, ByteBuf body) {
    if (body.readableBytes() > settings.bodyBytesMax()) {
      return "the body has "
          + body.readableBytes()
          + " bytes, at most "
          + settings.bodyBytesMax()
          + " are allowed (sampo.message.max-size)";
    }
    byte[] properties = header.properties();
    if (properties != null && properties.length > MessageProperties.BYTES_MAX) {
      return tooLong(properties.length);
    }
    if (Names.isRetry(header.topic())
        && (header.batch()
            || requestCode == RequestCode.SEND_BATCH_MESSAGE
            || HalfSends.isTransactional(header))) {
      return "a retry topic takes neither batches nor transactions";
    }
    if (Names.isReserved(header.topic())) {
      return "the topic " + header.topic() + " is the broker's own";
    }
    return null;
  }

  private static String tooLong(int propertyBytes) {
    return "the properties have "
        + propertyBytes
        + " bytes, at most "
        + MessageProperties.BYTES_MAX
        + " are allowed";
  }

  private void findOrCreate(SendExchange send) {
    String name = send.header().topic();
    String problem = CatalogRules.topicNameRefusal(name);
    if (problem != null) {
      send.refuse(ResponseCode.MESSAGE_ILLEGAL, problem);
      return;
    }
    TopicConfig template =
        settings.autoCreate() ? topics.known(send.header().defaultTopic()) : null;
    if (template != null && (template.permissions() & TopicConfig.PERM_INHERIT) != 0) {
      topics.create(
          TopicConfig.of(
              name,
              queuesOfNew(send.header().defaultTopicQueues(), template),
              template.permissions() & ~TopicConfig.PERM_INHERIT),
          send);
    } else {
      topics.lookUp(name, send);
    }
  }

  /**
   * As many as the client asks for, within what the template has. A client that was not configured
   * asks for {@link #CLIENT_DEFAULT_QUEUES}, so that number stands for the broker's own default.
   */
  private int queuesOfNew(int wanted, TopicConfig template) {
    if (wanted == CLIENT_DEFAULT_QUEUES || wanted < 1) {
      return settings.defaultQueues();
    }
    return Math.min(wanted, Math.max(template.writeQueues(), settings.defaultQueues()));
  }

  /** The catalog answered. Any thread. */
  void onTopic(SendExchange send, @Nullable TopicReply reply) {
    try {
      if (send.isAnswered()) {
        send.refuse(Refusals.CATALOG_SILENT); // too late; only gives the body back
      } else if (reply instanceof TopicFound found) {
        append(send, found.topic());
      } else if (reply instanceof CatalogRefused refused) {
        send.refuse(ResponseCode.MESSAGE_ILLEGAL, refused.reason());
      } else if (reply == null) {
        send.refuse(Refusals.CATALOG_SILENT);
      } else {
        send.refuse(
            ResponseCode.TOPIC_NOT_EXIST,
            "the topic "
                + send.header().topic()
                + " does not exist"
                + (settings.autoCreate() ? "" : " and sampo.topic.auto-create is off"));
      }
    } catch (RuntimeException e) {
      send.abandon();
      ClientSession.fail(send, e);
    }
  }

  private void append(SendExchange send, TopicConfig topic) {
    if (!topic.isWritable() || topic.writeQueues() < 1) {
      send.refuse(
          ResponseCode.NO_PERMISSION, "the topic " + topic.name() + " does not allow writing");
      return;
    }
    if (!topic.isEverywhere() && !topic.isIn(brokers.index(send.broker().name()))) {
      send.refuse(
          ResponseCode.TOPIC_NOT_EXIST,
          "the topic " + topic.name() + " has no queues in " + send.broker().name());
      return;
    }
    QueueKey queue =
        new QueueKey(topic.name(), queueId(send.header().queueId(), topic.writeQueues()));
    if (isRecognised(send, topic)) {
      send.recognise();
    }
    List<MessageDraft> drafts;
    try {
      if (HalfSends.isTransactional(send.header())) {
        if (settings.typeCheck()) {
          MessageType.check(topic, SendProperties.TRANSACTIONAL);
        }
        halves.store(send, queue);
        return;
      }
      drafts = isBatch(send) ? batch(send, topic, queue) : single(send, topic, queue);
    } catch (MalformedBatchException | IllegalMessageException e) {
      send.refuse(ResponseCode.MESSAGE_ILLEGAL, String.valueOf(e.getMessage()));
      return;
    }
    if (send.isLost()) {
      send.refuse(Refusals.LEADER_LOST);
      return;
    }
    if (send.isDelayed()) {
      delayedSends.schedule(send, queue, drafts);
      return;
    }
    send.draft(queue, drafts.size());
    send.keep();
    leaders.tellQueue(send.broker().name(), queue, new Queue.Append(drafts, send));
  }

  /** Nobody waits for the answer to a one-way send, so it is never sent again. */
  private boolean isRecognised(SendExchange send, TopicConfig topic) {
    return settings.deduplication() && !send.isOneway() && TopicAttributes.deduplicates(topic);
  }

  private static int queueId(int wanted, int queues) {
    if (wanted < 0) {
      return ThreadLocalRandom.current().nextInt(queues);
    }
    return wanted < queues ? wanted : wanted % queues;
  }

  private static boolean isBatch(SendExchange send) {
    return send.header().batch() || send.requestCode() == RequestCode.SEND_BATCH_MESSAGE;
  }

  private List<MessageDraft> single(SendExchange send, TopicConfig topic, QueueKey queue) {
    byte[] sent = send.header().properties();
    byte[] properties = sent == null ? NO_PROPERTIES : sent;
    long scanned = SendProperties.scan(properties);
    if (settings.typeCheck()) {
      MessageType.check(topic, scanned);
    }
    if ((scanned & SendProperties.DELAYED) != 0) {
      return List.of(delayed(send, queue, properties));
    }
    return List.of(
        draft(send, queue, send.header().flag(), send.body().nioBuffer(), properties, scanned));
  }

  /** A message that asks to be delivered later; it may turn out that it is due already. */
  private MessageDraft delayed(SendExchange send, QueueKey queue, byte[] properties) {
    DeliveryTimes.Delivery delivery = delayedSends.delivery(properties);
    byte[] kept = delivery.properties();
    long scanned = SendProperties.scan(kept) & ~SendProperties.DELAYED;
    MessageDraft message =
        draft(send, queue, send.header().flag(), send.body().nioBuffer(), kept, scanned);
    return delivery.isNow() ? message : DelayedSends.waiting(send, message, delivery);
  }

  private List<MessageDraft> batch(SendExchange send, TopicConfig topic, QueueKey queue) {
    ByteBuffer bytes = send.body().nioBuffer();
    int count = BatchBody.countChecked(bytes, settings.batchMessagesMax());
    List<MessageDraft> drafts = new ArrayList<>(count);
    BatchBody batch = new BatchBody(bytes);
    while (batch.next()) {
      ByteBuffer encoded = batch.properties();
      byte[] properties = new byte[encoded.remaining()];
      encoded.get(properties);
      long scanned = SendProperties.scan(properties);
      if (settings.typeCheck()) {
        MessageType.check(topic, scanned);
      }
      drafts.add(draft(send, queue, batch.flag(), batch.body(), properties, scanned));
    }
    return drafts;
  }

  private MessageDraft draft(
      SendExchange send,
      QueueKey queue,
      int flag,
      ByteBuffer body,
      byte[] properties,
      long scanned) {
    if ((scanned & SendProperties.DELAYED) != 0) {
      throw new IllegalMessageException("the messages of a batch can't be delayed");
    }
    if ((scanned & SendProperties.TRANSACTIONAL) != 0) {
      throw new IllegalMessageException("a half message has the transaction's system flag");
    }
    byte[] stored = properties;
    if ((scanned & SendProperties.REQUEST) != 0) {
      stored = MessageProperties.append(properties, clusterProperty);
      if (stored.length > MessageProperties.BYTES_MAX) {
        throw new IllegalMessageException(tooLong(stored.length));
      }
    }
    stored = SendProperties.withRegion(stored);
    SendRequestHeader header = send.header();
    int bodyCrc = BodyCrc.of(body);
    MessageDraft.Builder draft =
        MessageDraft.to(queue)
            .flags(flag, header.sysFlag())
            .born(header.bornTimestampMs(), send.client())
            .storeHost(send.broker().storeHost())
            .reconsumeTimes(header.reconsumeTimes())
            .body(body, bodyCrc)
            .properties(stored, (int) scanned)
            .mayBeStored(send.mayBeDone())
            .onRelease(send);
    int idAt = SendProperties.idAt(scanned);
    if (idAt > 0 && send.isRecognised()) {
      long key = SendKey.of(stored, idAt, bodyCrc);
      String returningGroup = send.returningGroup();
      if (returningGroup == null) {
        draft.sent(key, 0);
      } else {
        draft.returned(key, Returned.sent(returningGroup, send.client().port()));
      }
    } else {
      send.unrecognised();
    }
    return draft.build();
  }

  /** A queue refused, or is gone. Any thread. */
  void onRefused(SendExchange send, AppendRefused refused, int queueId) {
    if (refused == AppendRefused.NOT_LEADING) {
      leaders.forgetQueue(send.broker().name(), new QueueKey(send.header().topic(), queueId));
    }
  }
}
