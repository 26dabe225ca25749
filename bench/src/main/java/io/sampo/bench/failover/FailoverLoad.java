package io.sampo.bench.failover;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * The clients of a failover measurement, a process of its own: an official producer with its
 * defaults, sends in no particular order at a steady rate by many threads, and a push consumer. A
 * thread that waits for an answer sends nothing meanwhile and doesn't make up for it: so a silence
 * is what an application sees.
 *
 * <p>Says on its output, some times a second, how many sends each broker acknowledged ({@code
 * @acknowledged BROKER=COUNT …}); ends when its input does, waits until everything came that was
 * acknowledged, and writes the {@link SendLog}.
 */
public final class FailoverLoad implements AutoCloseable {
  private static final String TOPIC = "failover";
  private static final String GROUP = "failover";
  private static final int QUEUES_PER_BROKER = 4;
  private static final int SENDERS = 32;
  private static final int BODY_BYTES = 512;
  private static final int TELL_MILLIS = 50;
  private static final int LAST_DELIVERIES_SECONDS = 60;

  private final int perSecond;
  private final AtomicLong nextKey = new AtomicLong();
  private final List<SendLog.Acknowledged> acknowledged = new ArrayList<>();
  private final List<SendLog.Failed> failed = new ArrayList<>();
  private final List<Long> deliveredNanos = new ArrayList<>();
  private final Set<Long> awaited = new HashSet<>();
  private final Set<Long> came = new HashSet<>();
  private final Map<String, Long> counts = new TreeMap<>();
  private final DefaultMQProducer producer;
  private final DefaultMQPushConsumer consumer;
  private volatile boolean stopped;

  @SuppressWarnings("deprecation") // what replaces it is an administrator's client of its own
  private FailoverLoad(String nameServers, int perSecond) throws Exception {
    this.perSecond = perSecond;
    producer = new DefaultMQProducer(GROUP);
    producer.setNamesrvAddr(nameServers);
    producer.start();
    producer.createTopic("TBW102", TOPIC, QUEUES_PER_BROKER, Map.of());
    consumer = new DefaultMQPushConsumer(GROUP);
    consumer.setNamesrvAddr(nameServers);
    consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
    consumer.subscribe(TOPIC, "*");
    consumer.registerMessageListener(
        (MessageListenerConcurrently)
            (messages, context) -> {
              messages.forEach(this::came);
              return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
    consumer.start();
  }

  /**
   * @param args the name servers, sends a second, and the log's file
   */
  @SuppressWarnings("SystemExitOutsideMain") // it is main; a client's threads must not hold it
  public static void main(String[] args) throws Exception {
    try (FailoverLoad load = new FailoverLoad(args[0], Integer.parseInt(args[1]))) {
      load.run().write(Path.of(args[2]));
    }
    System.exit(0);
  }

  private SendLog run() throws Exception {
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      Thread sender = new Thread(this::sendAll, "sender-" + i);
      senders.add(sender);
      sender.start();
      TimeUnit.NANOSECONDS.sleep(intervalNanos() / SENDERS);
    }
    Thread end = new Thread(this::awaitEndOfInput, "end-of-input");
    end.setDaemon(true);
    end.start();
    while (!stopped) {
      tell();
      TimeUnit.MILLISECONDS.sleep(TELL_MILLIS);
    }
    for (Thread sender : senders) {
      sender.join();
    }
    return awaitDeliveries();
  }

  private void awaitEndOfInput() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      stopped = true;
    }
  }

  private long intervalNanos() {
    return TimeUnit.SECONDS.toNanos(SENDERS) / perSecond;
  }

  private void sendAll() {
    long due = System.nanoTime();
    while (!stopped) {
      sendOne();
      due = Math.max(due + intervalNanos(), System.nanoTime());
      LockSupport.parkNanos(due - System.nanoTime());
    }
  }

  private void sendOne() {
    long key = nextKey.getAndIncrement();
    byte[] body = new byte[BODY_BYTES];
    ByteBuffer.wrap(body).putLong(key);
    try {
      SendResult result = producer.send(new Message(TOPIC, body));
      if (result.getSendStatus() == SendStatus.SEND_OK) {
        acknowledged(key, result.getMessageQueue().getBrokerName());
      } else {
        failed(String.valueOf(result.getSendStatus()));
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts a sender", e);
    } catch (Exception e) {
      failed(reason(e));
    }
  }

  /** Without what differs each time. */
  private static String reason(Exception failure) {
    String text = failure.getClass().getSimpleName() + " " + failure.getMessage();
    return text.lines().findFirst().orElse(text).replaceAll("[0-9]+", "n");
  }

  private synchronized void acknowledged(long key, String broker) {
    acknowledged.add(new SendLog.Acknowledged(System.nanoTime(), broker));
    counts.merge(broker, 1L, Long::sum);
    if (!came.contains(key)) {
      awaited.add(key);
    }
  }

  private synchronized void failed(String reason) {
    failed.add(new SendLog.Failed(System.nanoTime(), reason));
  }

  private synchronized void came(MessageExt message) {
    long key = ByteBuffer.wrap(message.getBody()).getLong();
    deliveredNanos.add(System.nanoTime());
    came.add(key);
    awaited.remove(key);
  }

  private synchronized void tell() {
    StringBuilder line = new StringBuilder("@acknowledged");
    counts.forEach((broker, count) -> line.append(' ').append(broker).append('=').append(count));
    System.out.println(line);
  }

  private SendLog awaitDeliveries() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LAST_DELIVERIES_SECONDS);
    while (missing() > 0 && System.nanoTime() - deadline < 0) {
      TimeUnit.MILLISECONDS.sleep(TELL_MILLIS);
    }
    synchronized (this) {
      long sent = nextKey.get();
      long phantom = came.stream().filter(key -> key < 0 || key >= sent).count();
      return new SendLog(
          List.copyOf(acknowledged),
          List.copyOf(failed),
          List.copyOf(deliveredNanos),
          awaited.size(),
          phantom);
    }
  }

  private synchronized int missing() {
    return awaited.size();
  }

  @Override
  public void close() {
    consumer.shutdown();
    producer.shutdown();
  }
}
