package io.sampo.client;

import io.sampo.wire.body.ConsumerData;
import io.sampo.wire.body.SubscriptionData;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes topics as a member of a group: the members of a group share the queues, and each message
 * goes to one of them.
 *
 * <pre>{@code
 * try (Consumer consumer =
 *     Consumer.builder("127.0.0.1:9876", "my-group")
 *         .subscribe("my-topic", "TagA || TagB", message -> process(message.body()))
 *         .start()) {
 *   …
 * }
 * }</pre>
 *
 * <p><b>Order.</b> The messages of a queue start in their order. By default one starts when the one
 * before it is done, so order is kept within a queue; with a {@link Builder#concurrencyPerQueue} of
 * n up to n of them run at a time. Different queues run side by side.
 *
 * <p><b>At least once.</b> What is committed is the lowest offset that isn't done. So nothing is
 * lost, and after a crash, or when a queue goes from one member to another while messages run, some
 * messages come again.
 *
 * <p><b>Failure.</b> A message whose listener throws is tried again, here, after 1 s, then 2 s, 4 s
 * and so on up to 30 s, as often as it takes: a message is never skipped. Until it succeeds it
 * keeps its place among the n that may run, and the offset doesn't pass it; so with the default,
 * messages behind it in its queue wait. A listener that wants to give a message up catches its
 * exceptions and returns.
 *
 * <p>Pulling stops for a queue while its window is full. Thread-safe.
 */
public final class Consumer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Consumer.class);
  private static final Duration COMMIT_INTERVAL = Duration.ofSeconds(5);
  private static final AtomicInteger INSTANCES = new AtomicInteger();

  private final SampoClient client;
  private final boolean ownsClient;
  private final String group;
  private final Duration closeTimeout;
  private final ThreadGroup threads;
  private final ScheduledThreadPoolExecutor loop;
  private final ThreadPoolExecutor listeners;
  private final ConsumerContext context;
  private final Assignment assignment;
  private final java.util.function.Consumer<TopicRoute> onRoute;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Consumer(Builder builder, SampoClient client, boolean ownsClient) {
    this.client = client;
    this.ownsClient = ownsClient;
    this.group = builder.group;
    this.closeTimeout = builder.closeTimeout;
    this.threads = new ThreadGroup("sampo-consumer-" + group);
    this.loop = new ScheduledThreadPoolExecutor(1, threadFactory("loop"));
    loop.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.listeners =
        new ThreadPoolExecutor(
            builder.listenerThreads,
            builder.listenerThreads,
            1,
            TimeUnit.MINUTES,
            new LinkedBlockingQueue<>(), // bounded by the queues' windows
            threadFactory("listener"));
    listeners.allowCoreThreadTimeOut(true);
    this.context =
        ConsumerContext.of(
            client,
            new ConsumerSettings(
                group,
                builder.consumeFrom,
                builder.concurrencyPerQueue,
                builder.windowMessagesMax,
                builder.windowBytesMax,
                builder.pullMessagesMax),
            loop,
            listeners);
    Map<String, Subscription> subscriptions = Map.copyOf(builder.subscriptions);
    this.assignment = new Assignment(context, subscriptions);
    this.onRoute =
        route -> {
          if (subscriptions.containsKey(route.topic())) {
            context.loop().execute(() -> assignment.round(true));
          }
        };
  }

  /**
   * Starts a consumer with a client of its own.
   *
   * @param nameServers "host:port;host:port"
   * @param group the consumer group
   */
  public static Builder builder(String nameServers, String group) {
    return new Builder(nameServers, null, group);
  }

  static Builder builder(SampoClient shared, String group) {
    return new Builder("", shared, group);
  }

  public String group() {
    return group;
  }

  /** The queues that this member has at the moment. */
  public Set<TopicQueue> assignedQueues() {
    return assignment.queues();
  }

  /**
   * Starts nothing new, waits for the listeners that run, commits and leaves the group. Listeners
   * that still run after the close timeout are interrupted; their messages come again.
   *
   * @throws IllegalStateException on a thread of the consumer or its client
   */
  @Override
  public void close() {
    if (Thread.currentThread().getThreadGroup() == threads || client.transport().isOwnThread()) {
      throw new IllegalStateException("a consumer can't be closed on a thread of its own");
    }
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    client.routes().removeListener(onRoute);
    try {
      CompletableFuture.supplyAsync(assignment::end, context.loop())
          .thenCompose(ended -> ended)
          .get(closeTimeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      log.warn("Listeners of the group {} still run, they are interrupted", group);
    } catch (ExecutionException e) {
      log.warn("The queues of the group {} were not given up in order", group, e);
    }
    leave();
    loop.shutdownNow();
    listeners.shutdownNow();
    if (ownsClient) {
      client.close();
    }
  }

  private void leave() {
    try {
      client
          .membership()
          .leaveConsumer(group)
          .get(client.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.debug("The group {} was not left in order: {}", group, e.toString());
    }
  }

  private void start(ConsumerData data) {
    client
        .membership()
        .joinConsumer(data, () -> context.loop().execute(() -> assignment.round(false)));
    client.routes().onChange(onRoute);
    context.loop().execute(assignment::start);
    loop.scheduleWithFixedDelay(
        assignment::commitAll,
        COMMIT_INTERVAL.toMillis(),
        COMMIT_INTERVAL.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private ThreadFactory threadFactory(String role) {
    AtomicInteger number = new AtomicInteger();
    String prefix = "sampo-consumer-" + role + "-" + INSTANCES.incrementAndGet() + "-";
    return task -> {
      Thread thread = new Thread(threads, task, prefix + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Collects the settings of a consumer. */
  public static final class Builder {
    private final String nameServers;
    private final @Nullable SampoClient shared;
    private final String group;
    private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
    private final long version = System.currentTimeMillis();
    private ConsumeFrom consumeFrom = ConsumeFrom.LAST;
    private int listenerThreads = 16;
    private int concurrencyPerQueue = 1;
    private int windowMessagesMax = 1000;
    private long windowBytesMax = 16L * 1024 * 1024;
    private int pullMessagesMax = 32;
    private Duration closeTimeout = Duration.ofSeconds(10);

    private Builder(String nameServers, @Nullable SampoClient shared, String group) {
      this.nameServers = nameServers;
      this.shared = shared;
      this.group = Checks.group(group);
    }

    /**
     * Subscribes to a topic. All members of a group have to subscribe to the same.
     *
     * @param tags tags separated by {@code ||}, "*" for all messages
     */
    public Builder subscribe(String topic, String tags, MessageListener listener) {
      SubscriptionData data = SubscriptionData.ofTags(topic, tags, version);
      subscriptions.put(topic, new Subscription(data, listener));
      return this;
    }

    /** Where a group without offsets starts. {@link ConsumeFrom#LAST}. */
    public Builder consumeFrom(ConsumeFrom where) {
      this.consumeFrom = where;
      return this;
    }

    /** How many listeners run at a time, over all queues. 16. */
    public Builder listenerThreads(int count) {
      this.listenerThreads = Checks.atLeast("the number of listener threads", 1, count);
      return this;
    }

    /** How many messages of one queue run at a time. 1, which keeps their order. */
    public Builder concurrencyPerQueue(int count) {
      this.concurrencyPerQueue = Checks.atLeast("the concurrency per queue", 1, count);
      return this;
    }

    /** Per queue, what may be pulled and not done before pulling stops. 1000 messages, 16 MiB. */
    public Builder queueWindow(int messages, long bytes) {
      this.windowMessagesMax = Checks.atLeast("the window's messages", 1, messages);
      this.windowBytesMax = Math.max(1, bytes);
      return this;
    }

    /** How many messages to ask for at once. 32. */
    public Builder pullMessagesMax(int count) {
      this.pullMessagesMax = Checks.atLeast("the messages of a pull", 1, count);
      return this;
    }

    /** How long {@link Consumer#close} waits for listeners. 10 s. */
    public Builder closeTimeout(Duration timeout) {
      this.closeTimeout = Checks.positive("the close timeout", timeout);
      return this;
    }

    /**
     * Starts consuming, in the background: a topic that doesn't exist yet or a server that doesn't
     * answer yet is waited for.
     *
     * @throws IllegalStateException when nothing is subscribed to, or the shared client has a
     *     consumer of the group already
     */
    public Consumer start() {
      if (subscriptions.isEmpty()) {
        throw new IllegalStateException("the consumer is subscribed to nothing");
      }
      SampoClient used = shared != null ? shared : SampoClient.builder(nameServers).build();
      Consumer consumer = new Consumer(this, used, shared == null);
      consumer.start(
          new ConsumerData(
              group,
              ConsumerData.PUSH,
              ConsumerData.CLUSTERING,
              consumeFrom == ConsumeFrom.FIRST
                  ? ConsumerData.FROM_FIRST_OFFSET
                  : ConsumerData.FROM_LAST_OFFSET,
              false,
              subscriptions.values().stream().map(Subscription::data).toList()));
      return consumer;
    }
  }
}
