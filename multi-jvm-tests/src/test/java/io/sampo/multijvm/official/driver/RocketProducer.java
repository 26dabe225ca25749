package io.sampo.multijvm.official.driver;

import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.Delay;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.LocalTransactions;
import io.sampo.multijvm.official.OfficialProducer;
import io.sampo.multijvm.official.Outgoing;
import io.sampo.multijvm.official.ProducerSpec;
import io.sampo.multijvm.official.Receipt;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.rocketmq.client.MQAdmin;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageAccessor;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** {@link DefaultMQProducer} behind the tests' interface. */
final class RocketProducer implements OfficialProducer {
  private final DefaultMQProducer producer;
  private final MQAdmin offsets; // the producer, by the interface that doesn't deprecate asking it

  private RocketProducer(DefaultMQProducer producer) {
    this.producer = producer;
    this.offsets = producer;
  }

  static RocketProducer start(ProducerSpec spec)
      throws MQClientException, ReflectiveOperationException {
    DefaultMQProducer producer = new DefaultMQProducer(spec.group(), spec.traced(), null);
    RocketClient.configure(producer, spec.nameServer(), RocketClient.uniqueInstance());
    producer.setSendMsgTimeout(spec.sendTimeoutMillis());
    producer.setRetryTimesWhenSendFailed(spec.retries());
    ClientSettings.apply(spec.settings(), producer);
    producer.start();
    return new RocketProducer(producer);
  }

  static RocketProducer startTransactional(ProducerSpec spec, LocalTransactions transactions)
      throws MQClientException {
    TransactionMQProducer producer = new TransactionMQProducer(spec.group());
    RocketClient.configure(producer, spec.nameServer(), RocketClient.uniqueInstance());
    producer.setSendMsgTimeout(spec.sendTimeoutMillis());
    producer.setRetryTimesWhenSendFailed(spec.retries());
    producer.setTransactionListener(
        new TransactionListener() {
          @Override
          public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return state(transactions.execute(message.getBody()));
          }

          @Override
          public LocalTransactionState checkLocalTransaction(MessageExt message) {
            return state(transactions.check(RocketConsumer.delivery(message)));
          }
        });
    producer.start();
    return new RocketProducer(producer);
  }

  private static LocalTransactionState state(LocalTransactions.Decision decision) {
    return switch (decision) {
      case COMMIT -> LocalTransactionState.COMMIT_MESSAGE;
      case ROLLBACK -> LocalTransactionState.ROLLBACK_MESSAGE;
      case UNKNOWN -> LocalTransactionState.UNKNOW;
    };
  }

  @Override
  public Receipt sendInTransaction(Outgoing message) throws ClientFailed {
    return call(() -> receipt(producer.sendMessageInTransaction(message(message), null)));
  }

  @Override
  public Receipt send(Outgoing message) throws ClientFailed {
    return call(() -> receipt(producer.send(message(message))));
  }

  @Override
  public Receipt sendUntilTaken(Outgoing outgoing, int tries) throws ClientFailed {
    Message message = message(outgoing);
    for (int left = tries - 1; left > 0; left--) {
      try {
        return receipt(producer.send(message));
      } catch (Exception e) {
        // again; the last one's reason is told
      }
    }
    return call(() -> receipt(producer.send(message)));
  }

  @Override
  public Receipt send(Outgoing message, int queueId) throws ClientFailed {
    return call(
        () ->
            receipt(
                producer.send(
                    message(message), (queues, sent, id) -> queueOf(queues, queueId), queueId)));
  }

  @Override
  public DelayedReceipt sendDelayed(Outgoing outgoing, Delay delay) throws ClientFailed {
    return call(
        () -> {
          Message message = message(outgoing);
          ask(message, delay);
          SendResult result = producer.send(message);
          return new DelayedReceipt(receipt(result), recallHandle(result));
        });
  }

  private static void ask(Message message, Delay delay) throws ReflectiveOperationException {
    switch (delay.kind()) {
      case LEVEL -> message.setDelayTimeLevel((int) delay.value());
      case DELAY_MS -> ask(message, "setDelayTimeMs", "TIMER_DELAY_MS", delay.value());
      case DELIVER_MS -> ask(message, "setDeliverTimeMs", "TIMER_DELIVER_MS", delay.value());
    }
  }

  /** By the call of 5.x; 4.9 has none, and its users set the property. */
  private static void ask(Message message, String setter, String property, long value)
      throws ReflectiveOperationException {
    try {
      Message.class.getMethod(setter, long.class).invoke(message, value);
    } catch (NoSuchMethodException e) {
      MessageAccessor.putProperty(message, property, Long.toString(value));
    }
  }

  private static String recallHandle(SendResult result) throws ReflectiveOperationException {
    try {
      Object handle = SendResult.class.getMethod("getRecallHandle").invoke(result);
      return handle == null ? "" : (String) handle;
    } catch (NoSuchMethodException e) {
      return "";
    }
  }

  @Override
  public String recall(String topic, String recallHandle) throws ClientFailed {
    return call(
        () -> {
          try {
            return (String)
                DefaultMQProducer.class
                    .getMethod("recallMessage", String.class, String.class)
                    .invoke(producer, topic, recallHandle);
          } catch (InvocationTargetException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
          }
        });
  }

  @Override
  public CompletableFuture<Receipt> sendAsync(Outgoing message) {
    CompletableFuture<Receipt> done = new CompletableFuture<>();
    try {
      producer.send(
          message(message),
          new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
              done.complete(receipt(result));
            }

            @Override
            public void onException(Throwable cause) {
              done.completeExceptionally(RocketClient.failed(cause));
            }
          });
    } catch (Exception e) {
      done.completeExceptionally(RocketClient.failed(e));
    }
    return done;
  }

  @Override
  public void sendOneway(Outgoing message) throws ClientFailed {
    call(
        () -> {
          producer.sendOneway(message(message));
          return true;
        });
  }

  @Override
  public Receipt sendBatch(List<Outgoing> messages) throws ClientFailed {
    List<Message> batch = messages.stream().map(RocketProducer::message).toList();
    return call(() -> receipt(producer.send(batch)));
  }

  @Override
  @SuppressWarnings("deprecation") // deprecated; the other way has other parameters in each version
  public void createTopic(String topic, int queues) throws ClientFailed {
    try {
      producer.getDefaultMQProducerImpl().createTopic("TBW102", topic, queues);
    } catch (MQClientException e) {
      throw RocketClient.failed(e);
    }
  }

  @Override
  public List<Integer> writableQueues(String topic) throws ClientFailed {
    return call(
        () ->
            producer.fetchPublishMessageQueues(topic).stream()
                .map(MessageQueue::getQueueId)
                .sorted()
                .toList());
  }

  @Override
  public long maxOffset(String topic, int queueId) throws ClientFailed {
    return call(() -> offsets.maxOffset(queue(topic, queueId)));
  }

  @Override
  public long minOffset(String topic, int queueId) throws ClientFailed {
    return call(() -> offsets.minOffset(queue(topic, queueId)));
  }

  @Override
  public long searchOffset(String topic, int queueId, long timestamp) throws ClientFailed {
    return call(() -> offsets.searchOffset(queue(topic, queueId), timestamp));
  }

  @Override
  public byte[] request(Outgoing message, long timeoutMillis) throws ClientFailed {
    return call(() -> producer.request(message(message), timeoutMillis).getBody());
  }

  @Override
  public Delivery view(String topic, String msgId) throws ClientFailed {
    return call(() -> RocketConsumer.delivery(offsets.viewMessage(topic, msgId)));
  }

  @Override
  public List<Delivery> query(String topic, String key, int max, long begin, long end)
      throws ClientFailed {
    return call(
        () ->
            RocketConsumer.deliveries(
                offsets.queryMessage(topic, key, max, begin, end).getMessageList()));
  }

  private MessageQueue queue(String topic, int queueId) throws MQClientException {
    return queueOf(producer.fetchPublishMessageQueues(topic), queueId);
  }

  private static MessageQueue queueOf(List<MessageQueue> queues, int queueId) {
    return queues.stream()
        .filter(queue -> queue.getQueueId() == queueId)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no queue " + queueId + " in " + queues));
  }

  private static Message message(Outgoing outgoing) {
    Message message =
        new Message(outgoing.topic(), outgoing.tags(), outgoing.keys(), outgoing.body());
    outgoing.properties().forEach(message::putUserProperty);
    return message;
  }

  private static Receipt receipt(SendResult result) {
    return new Receipt(
        result.getSendStatus().name(),
        result.getMsgId(),
        result.getOffsetMsgId(),
        result.getMessageQueue().getBrokerName(),
        result.getMessageQueue().getQueueId(),
        result.getQueueOffset());
  }

  private static <T> T call(Callable<T> work) throws ClientFailed {
    try {
      return work.call();
    } catch (Exception e) {
      throw RocketClient.failed(e);
    }
  }

  @Override
  public void close() {
    producer.shutdown();
  }
}
