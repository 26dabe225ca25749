package io.sampo.multijvm;

import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.history.GroupHistory;
import io.sampo.multijvm.history.HistoryRecorder;
import io.sampo.multijvm.history.Payload;
import io.sampo.multijvm.history.Place;
import io.sampo.multijvm.history.Received;
import io.sampo.multijvm.official.ClientFailed;
import io.sampo.multijvm.official.ClientVersion;
import io.sampo.multijvm.official.ConsumerSpec;
import io.sampo.multijvm.official.Delivery;
import io.sampo.multijvm.official.OfficialConsumer;
import io.sampo.multijvm.raw.Pops;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.Requests;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Consumers of both versions that consume in every way at once: of the mixed messages one group
 * each that takes all, that filters by tags, by SQL, that fails some, and that pops; of the ordered
 * ones a group whose two members share the queues.
 */
final class AllFeaturesConsumers implements AutoCloseable {
  /** After the third try a message is given up. */
  static final int LAST_TRY = 2;

  private static final int THREADS = 4;
  private static final long INVISIBLE_MS = 5_000;

  private final NodeProcess node;
  private final String mixedTopic;
  private final Deque<OfficialConsumer> started = new ArrayDeque<>();
  private final List<Group> groups = new ArrayList<>();
  private final FailingGroup failing = new FailingGroup();
  private final String failingGroup = Names.fresh("failing");
  private final OrderedInbox orderedInbox;

  /** What one group got of the mixed messages. */
  static final class Group {
    private final String name;
    private final LongPredicate wanted;
    private final List<Received> deliveries = new ArrayList<>();
    private final Set<Long> came = new HashSet<>();

    Group(String name, LongPredicate wanted) {
      this.name = name;
      this.wanted = wanted;
    }

    synchronized long take(Delivery delivery) {
      long key = Payload.key(delivery.body());
      Place place =
          isRetried(delivery) ? Place.NONE : new Place(delivery.queueId(), delivery.queueOffset());
      deliveries.add(new Received(name, key, place));
      came.add(key);
      return key;
    }

    /**
     * Whether it comes from the retry topic, or from a pop that was repeated. The number of the try
     * doesn't always say so: a client that has to send a message to the retry topic twice forgets
     * the number with the first time.
     */
    private static boolean isRetried(Delivery delivery) {
      return delivery.reconsumeTimes() > 0 || delivery.properties().containsKey("RETRY_TOPIC");
    }

    String name() {
      return name;
    }

    /** How many of these it wants and doesn't have. */
    synchronized long missingCount(Set<Long> keys) {
      return keys.stream().filter(key -> wanted.test(key) && !came.contains(key)).count();
    }

    synchronized List<GroupHistory.Violation> violations(List<Received> stored) {
      return GroupHistory.violations(stored, wanted, deliveries);
    }
  }

  AllFeaturesConsumers(
      NodeProcess node, String mixedTopic, String orderedTopic, HistoryRecorder ordered)
      throws ClientFailed {
    this.node = node;
    this.mixedTopic = mixedTopic;
    this.orderedInbox = new OrderedInbox(ordered, true);
    Group all = group("all", key -> true);
    startOne(ClientVersion.V4, spec(all.name(), "*"), all);
    Group tagged = group("tagged", MixedMessages::isTagged);
    startOne(ClientVersion.V4, spec(tagged.name(), MixedMessages.TAGGED), tagged);
    Group selected = group("selected", MixedMessages::isSelected);
    startOne(
        ClientVersion.V5, spec(selected.name(), "*").withSql(MixedMessages.SELECTED), selected);
    startFailing();
    startPopping();
    String orderly = Names.fresh("orderly");
    for (ClientVersion version : ClientVersion.values()) {
      started.push(
          version
              .client()
              .startOrderlyConsumer(
                  ConsumerSpec.of(node.nameServer(), orderly, orderedTopic, Names.fresh("c"))
                      .withThreads(THREADS),
                  orderedInbox::take));
    }
  }

  private Group group(String word, LongPredicate wanted) {
    Group group = new Group(Names.fresh(word), wanted);
    groups.add(group);
    return group;
  }

  private ConsumerSpec spec(String group, String expression) {
    return ConsumerSpec.of(node.nameServer(), group, mixedTopic, Names.fresh("c"))
        .withThreads(THREADS)
        .withExpression(expression);
  }

  private void startOne(ClientVersion version, ConsumerSpec spec, Group group) throws ClientFailed {
    started.push(version.client().startConsumer(spec, group::take));
  }

  private void startFailing() throws ClientFailed {
    Group group = new Group(failingGroup, key -> true);
    groups.add(group);
    for (ClientVersion version : ClientVersion.values()) {
      started.push(
          version
              .client()
              .startConsumer(
                  spec(failingGroup, "*").withReconsumeMax(LAST_TRY),
                  delivery -> {
                    long key = group.take(delivery);
                    if (MixedMessages.isFailed(key, delivery.reconsumeTimes())) {
                      failing.failed(key, delivery);
                      throw new IllegalStateException("key " + key + " is failed");
                    }
                  }));
    }
  }

  /** Some are told to come later, once each. */
  private void startPopping() throws ClientFailed {
    Group group = group("popping", key -> true);
    try (RawConnection admin = RawConnection.open(node.brokerPort())) {
      int code =
          admin
              .call(Pops.SET_MESSAGE_REQUEST_MODE, Map.of(), Pops.popMode(group.name(), mixedTopic))
              .code();
      if (code != Requests.SUCCESS) {
        throw new ClientFailed(code, "the group can't be made to pop");
      }
    }
    Set<Long> later = new HashSet<>();
    started.push(
        ClientVersion.V5
            .client()
            .startPopConsumer(
                spec(group.name(), "*"),
                INVISIBLE_MS,
                delivery -> {
                  long key = group.take(delivery);
                  synchronized (later) {
                    return !MixedMessages.isDoomed(key) || !later.add(key);
                  }
                }));
  }

  List<Group> groups() {
    return groups;
  }

  OrderedInbox orderedInbox() {
    return orderedInbox;
  }

  FailingGroup failing() {
    return failing;
  }

  String failingGroup() {
    return failingGroup;
  }

  String retryTopic() {
    return "%RETRY%" + failingGroup;
  }

  String deadLetterTopic() {
    return "%DLQ%" + failingGroup;
  }

  @Override
  public void close() {
    while (!started.isEmpty()) {
      started.pop().close();
    }
  }
}
