package io.sampo.bench.load;

import io.sampo.bench.load.Subscription.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.jspecify.annotations.Nullable;

/**
 * The official client with its defaults, apart from what would blur a measurement: no retries (a
 * retried send hides its failure), no compression (16 KB bodies would be zipped by the client) and
 * a send timeout long enough that a pause shows as latency and not as a failure.
 */
public final class OfficialClient implements LoadClient {
  private static final int SEND_TIMEOUT_MS = 10_000;

  private final String nameServer;
  private @Nullable TransactionMQProducer producer;
  private @Nullable DefaultMQPushConsumer consumer;

  public OfficialClient(String nameServer) {
    this.nameServer = nameServer;
  }

  @Override
  public void startSending(int queuesPerTopic) throws Exception {
    TransactionMQProducer started = new TransactionMQProducer("bench-producer");
    started.setTransactionListener(new CommitAtOnce());
    started.setNamesrvAddr(nameServer);
    started.setVipChannelEnabled(false);
    started.setRetryTimesWhenSendFailed(0);
    started.setRetryTimesWhenSendAsyncFailed(0);
    started.setCompressMsgBodyOverHowmuch(Integer.MAX_VALUE);
    started.setSendMsgTimeout(SEND_TIMEOUT_MS);
    started.setDefaultTopicQueueNums(queuesPerTopic);
    started.start();
    producer = started;
  }

  @Override
  public void send(String topic, byte[] body) throws Exception {
    SendResult result = producer().send(new Message(topic, body));
    if (result.getSendStatus() != SendStatus.SEND_OK) {
      throw new IllegalStateException("sent, but " + result.getSendStatus());
    }
  }

  @Override
  public void sendAsync(String topic, byte[] body, Completion completion) {
    try {
      producer().send(new Message(topic, body), new Told(completion));
    } catch (Exception e) {
      // Thrown instead of told (no route, too many requests): the load counts both alike.
      completion.done(e);
    }
  }

  @Override
  public void sendBatch(
      String topic, List<byte[]> bodies, List<String> tags, Completion completion) {
    List<Message> messages = new ArrayList<>(bodies.size());
    for (int i = 0; i < bodies.size(); i++) {
      messages.add(
          tags.isEmpty()
              ? new Message(topic, bodies.get(i))
              : new Message(topic, tags.get(i), bodies.get(i)));
    }
    try {
      producer().send(messages, new Told(completion));
    } catch (Exception e) {
      completion.done(e);
    }
  }

  @Override
  public boolean sendsTransactions() {
    return true;
  }

  @Override
  public void sendInTransaction(String topic, byte[] body) throws Exception {
    SendResult result = producer().sendMessageInTransaction(new Message(topic, body), null);
    if (result.getSendStatus() != SendStatus.SEND_OK) {
      throw new IllegalStateException("sent, but " + result.getSendStatus());
    }
  }

  @Override
  public boolean sendsDelayed() {
    return true;
  }

  @Override
  public void sendDelayed(String topic, byte[] body, long deliverAtMs, Completion completion) {
    Message message = new Message(topic, body);
    message.setDeliverTimeMs(deliverAtMs);
    try {
      producer().send(message, new Told(completion));
    } catch (Exception e) {
      completion.done(e);
    }
  }

  @Override
  public boolean consumes(Style style) {
    return true;
  }

  @Override
  public void consume(Subscription subscription, Consumer<byte[]> sink) throws Exception {
    if (subscription.style() == Style.POP) {
      askForPops(subscription);
    }
    DefaultMQPushConsumer started = new DefaultMQPushConsumer(subscription.group());
    started.setNamesrvAddr(nameServer);
    started.setVipChannelEnabled(false);
    started.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    started.subscribe(subscription.topic(), subscription.tagExpression());
    started.setClientRebalance(subscription.style() != Style.POP);
    if (subscription.style() == Style.ORDERLY) {
      started.registerMessageListener(
          (MessageListenerOrderly)
              (messages, context) -> {
                messages.forEach(message -> sink.accept(message.getBody()));
                return ConsumeOrderlyStatus.SUCCESS;
              });
    } else {
      started.registerMessageListener(
          (MessageListenerConcurrently)
              (messages, context) -> {
                messages.forEach(message -> sink.accept(message.getBody()));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
              });
    }
    started.start();
    consumer = started;
  }

  /** Makes the brokers assign the topic's queues to the group for popping. */
  @SuppressWarnings("deprecation") // what replaces it is an administrator's client of its own
  private void askForPops(Subscription subscription) throws Exception {
    MQClientInstance instance = producer().getDefaultMQProducerImpl().getMqClientFactory();
    Set<String> brokers = new TreeSet<>();
    for (MessageQueue queue : producer().fetchPublishMessageQueues(subscription.topic())) {
      brokers.add(instance.findBrokerAddressInPublish(queue.getBrokerName()));
    }
    for (String broker : brokers) {
      instance
          .getMQClientAPIImpl()
          .setMessageRequestMode(
              broker,
              subscription.topic(),
              subscription.group(),
              MessageRequestMode.POP,
              0,
              SEND_TIMEOUT_MS);
    }
  }

  @Override
  @SuppressWarnings("deprecation") // what replaces it is an administrator's client of its own
  public long storedMessages(String topic) throws Exception {
    long stored = 0;
    for (MessageQueue queue : producer().fetchPublishMessageQueues(topic)) {
      stored += producer().maxOffset(queue);
    }
    return stored;
  }

  @Override
  public void close() {
    if (consumer != null) {
      consumer.shutdown();
    }
    if (producer != null) {
      producer.shutdown();
    }
  }

  private TransactionMQProducer producer() {
    if (producer == null) {
      throw new IllegalStateException("startSending comes first");
    }
    return producer;
  }

  /** A transaction that takes no time. */
  private static final class CommitAtOnce implements TransactionListener {
    @Override
    public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
      return LocalTransactionState.COMMIT_MESSAGE;
    }

    @Override
    public LocalTransactionState checkLocalTransaction(MessageExt message) {
      return LocalTransactionState.COMMIT_MESSAGE;
    }
  }

  /** Hands a send's end to the load; anything but SEND_OK is a failure. */
  private record Told(Completion completion) implements SendCallback {
    @Override
    public void onSuccess(SendResult result) {
      SendStatus status = result.getSendStatus();
      completion.done(
          status == SendStatus.SEND_OK ? null : new IllegalStateException("sent, but " + status));
    }

    @Override
    public void onException(Throwable failure) {
      completion.done(failure);
    }
  }
}
