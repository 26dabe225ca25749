package io.sampo.routing.brokerconf;

import static io.sampo.routing.brokerconf.Meaning.always;
import static io.sampo.routing.brokerconf.Meaning.choice;
import static io.sampo.routing.brokerconf.Meaning.converted;
import static io.sampo.routing.brokerconf.Meaning.flag;
import static io.sampo.routing.brokerconf.Meaning.none;
import static io.sampo.routing.brokerconf.Meaning.number;
import static io.sampo.routing.brokerconf.Meaning.text;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the properties of a broker.conf mean here, as far as they mean something or operators will
 * wonder why they don't. The order is that of the table in docs/deployment.md, which is made from
 * it. Units are RocketMQ's; where a property takes milliseconds so does the value here.
 */
final class PropertyTable {
  private static final String OLD_ONLY =
      "only what is older than sampo.retention.time is deleted, however full the disk is";
  private static final int SEGMENT_BYTES_MAX = 1 << 30;
  private static final Map<String, Meaning> ROWS = rows();

  private PropertyTable() {}

  /** Everything, by name. */
  static Map<String, Meaning> all() {
    return ROWS;
  }

  private static Map<String, Meaning> rows() {
    Map<String, Meaning> rows = new LinkedHashMap<>();
    identity(rows);
    addresses(rows);
    files(rows);
    flushing(rows);
    Copies.put(rows);
    topics(rows);
    messages(rows);
    reading(rows);
    later(rows);
    safety(rows);
    return Collections.unmodifiableMap(rows);
  }

  private static void identity(Map<String, Meaning> rows) {
    rows.put("brokerClusterName", text("sampo.cluster.name", ""));
    rows.put(
        "brokerName",
        none("clients see the log groups as brokers of their own names: broker-0, broker-1, …"));
    rows.put(
        "brokerId",
        always("0", "no node is a slave by configuration; copies are placed by the cluster"));
    rows.put(
        "brokerPermission",
        always("6", "permissions belong to topics; those of a broker can't be taken away"));
  }

  private static void addresses(Map<String, Meaning> rows) {
    rows.put("namesrvAddr", Special.nameServers());
    rows.put("listenPort", number("sampo.broker.port", "", "of the first log group"));
    rows.put(
        "brokerIP1", text("sampo.node.host", "every port is bound to it, never to a wildcard"));
    rows.put("brokerIP2", none("nodes reach each other at sampo.node.host too"));
    rows.put("bindAddress", none("every port is bound to sampo.node.host"));
    rows.put("haListenPort", number("sampo.replication.port", "", ""));
    rows.put("serverSelectorThreads", number("sampo.net.event-loops", "", ""));
    rows.put("serverSocketBacklog", number("sampo.net.backlog", "", ""));
    rows.put("serverChannelMaxIdleTimeSeconds", number("sampo.net.idle-timeout", "s", ""));
    rows.put("rocketmqHome", none("the launcher finds the installation by itself"));
  }

  private static void files(Map<String, Meaning> rows) {
    rows.put("storePathRootDir", text("sampo.data-dir", "RocketMQ's own files there are not read"));
    rows.put("storePathCommitLog", Special.commitLogPath());
    String inside = "everything lies below sampo.data-dir, one folder per log group";
    for (String name :
        new String[] {
          "storePathConsumeQueue",
          "storePathIndex",
          "storeCheckpoint",
          "abortFile",
          "storePathEpochFile",
          "storePathBrokerIdentity",
          "storePathDLedgerCommitLog"
        }) {
      rows.put(name, Special.pathBelowRoot(inside));
    }
    rows.put("readOnlyCommitLogStorePaths", none("a log lies in one folder: " + inside));
    Meaning segment =
        converted(
            "sampo.log.segment-size",
            "a whole number of bytes, at least 65536",
            PropertyTable::segmentBytes,
            "the next lower power of two, at most 1 GiB");
    rows.put("mappedFileSizeCommitLog", segment);
    rows.put("mapedFileSizeCommitLog", segment);
    rows.put("fileReservedTime", number("sampo.retention.time", "h", ""));
    rows.put("deleteWhen", text("sampo.retention.delete-at", ""));
    rows.put("diskMaxUsedSpaceRatio", number("sampo.retention.disk-used-max", "", "percent"));
    rows.put("cleanResourceInterval", number("sampo.retention.check-interval", "ms", ""));
    rows.put("cleanFileForciblyEnable", always("false", OLD_ONLY));
    rows.put("diskSpaceCleanForciblyRatio", none(OLD_ONLY));
    rows.put(
        "diskSpaceWarningLevelRatio",
        none("sends are refused when the disk has no room for the next piece of the log"));
  }

  private static void flushing(Map<String, Meaning> rows) {
    rows.put(
        "flushDiskType",
        choice(
            "sampo.log.flush",
            Map.of("SYNC_FLUSH", "sync", "ASYNC_FLUSH", "async"),
            "sync unless it is given; RocketMQ's default is ASYNC_FLUSH"));
    rows.put("flushIntervalCommitLog", number("sampo.log.flush-interval", "ms", ""));
    rows.put(
        "flushCommitLogLeastPages",
        none("a background flush comes by time or by sampo.log.flush-bytes, whatever is first"));
    rows.put(
        "transientStorePoolEnable", always("false", "records are written to the mapped file once"));
    rows.put(
        "syncFlushTimeout",
        none("a send waits for the disk for as long as sampo.net.answer-timeout says"));
  }

  private static void topics(Map<String, Meaning> rows) {
    rows.put("autoCreateTopicEnable", flag("sampo.topic.auto-create", ""));
    rows.put("defaultTopicQueueNums", number("sampo.topic.default-queues", "", ""));
    rows.put(
        "autoCreateSubscriptionGroup",
        always("true", "the first heartbeat of a consumer makes its group"));
    rows.put(
        "clusterTopicEnable",
        always("true", "a topic of the cluster's name is there from the start"));
    rows.put(
        "brokerTopicEnable",
        always("true", "a topic of each log group's name is there from the start"));
    rows.put("traceTopicEnable", always("true", "RMQ_SYS_TRACE_TOPIC is there from the start"));
  }

  private static void messages(Map<String, Meaning> rows) {
    rows.put("maxMessageSize", number("sampo.message.max-size", "", "bytes"));
    rows.put(
        "enablePropertyFilter",
        always("true", "SQL92 filters are evaluated for who asks for them"));
    rows.put("messageIndexEnable", always("true", "keys of messages are always indexed"));
    rows.put("recallMessageEnable", always("true", "delayed messages can be recalled"));
    rows.put("rejectTransactionMessage", always("false", "transactions can't be switched off"));
    rows.put(
        "brokerFastFailureEnable",
        always("true", "what can't be taken is refused at once, by sampo.queue.in-flight-max"));
    rows.put("transactionTimeOut", number("sampo.transaction.timeout", "ms", ""));
    rows.put("transactionCheckMax", number("sampo.transaction.check-max", "", ""));
    rows.put("transactionCheckInterval", number("sampo.transaction.check-interval", "ms", ""));
  }

  private static void reading(Map<String, Meaning> rows) {
    rows.put(
        "longPollingEnable",
        always("true", "a pull waits as long as its client asks, up to sampo.pull.wait-max"));
    rows.put(
        "shortPollingTimeMills",
        none("pulls are woken by messages, sampo.pull.wait-max bounds them"));
    rows.put("maxTransferCountOnMessageInMemory", number("sampo.pull.messages-max", "", ""));
    rows.put("maxTransferBytesOnMessageInMemory", number("sampo.pull.bytes-max", "", ""));
    String everywhere =
        "one limit wherever the messages lie: sampo.pull.messages-max and bytes-max";
    rows.put("maxTransferCountOnMessageInDisk", none(everywhere));
    rows.put("maxTransferBytesOnMessageInDisk", none(everywhere));
    rows.put("maxMsgsNumBatch", number("sampo.query.messages-max", "", ""));
    rows.put("popInflightMessageThreshold", number("sampo.pop.in-flight-max", "", ""));
    rows.put("flushConsumerOffsetInterval", none("offsets are written before they are answered"));
    rows.put(
        "notifyConsumerIdsChangedEnable",
        always("true", "members hear of changes, at most each sampo.consumer.notify-interval"));
  }

  private static void later(Map<String, Meaning> rows) {
    rows.put("messageDelayLevel", text("sampo.schedule.delay-levels", ""));
    rows.put("timerMaxDelaySec", number("sampo.schedule.delay-max", "s", ""));
    rows.put("timerWheelEnable", always("true", "messages may ask for any time"));
    rows.put("timerPrecisionMs", none("messages come at their time, to the millisecond"));
  }

  /** An open door where somebody asked for a lock is worse than not starting. */
  private static void safety(Map<String, Meaning> rows) {
    Meaning refused =
        Special.mustBeOff(
            "permissions aren't built: let only friends reach sampo.node.host, then remove the line");
    rows.put("aclEnable", refused);
    rows.put("authenticationEnabled", refused);
    rows.put("authorizationEnabled", refused);
  }

  private static String segmentBytes(String value) {
    long bytes = Long.parseLong(value);
    if (bytes < 1 << 16) {
      throw new IllegalArgumentException(value);
    }
    return Long.toString(Math.min(Long.highestOneBit(bytes), SEGMENT_BYTES_MAX));
  }
}
