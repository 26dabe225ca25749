package io.sampo.routing.brokerconf;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a broker.conf, property by property and as a whole. */
final class BrokerConfTest {
  private static final Path FILE = Path.of("/etc/broker.conf").toAbsolutePath();

  private static Translation translate(String text) {
    return BrokerConf.translate(FILE, "brokerIP1=127.0.0.1\n" + text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          brokerClusterName                 | rocketmq-cluster  | sampo.cluster.name                | rocketmq-cluster
          listenPort                        | 30911             | sampo.broker.port                 | 30911
          haListenPort                      | 30912             | sampo.replication.port            | 30912
          brokerIP1                         | 10.0.0.7          | sampo.node.host                   | 10.0.0.7
          namesrvAddr                       | a:9870;b:9870     | sampo.name-server.port            | 9870
          serverSelectorThreads             | 3                 | sampo.net.event-loops             | 3
          serverSocketBacklog               | 2048              | sampo.net.backlog                 | 2048
          serverChannelMaxIdleTimeSeconds   | 90                | sampo.net.idle-timeout            | 90 s
          storePathRootDir                  | /data/store       | sampo.data-dir                    | /data/store
          storePathCommitLog                | /data/log         | sampo.data-dir                    | /data/log
          mappedFileSizeCommitLog           | 1073741824        | sampo.log.segment-size            | 1073741824
          mapedFileSizeCommitLog            | 100000            | sampo.log.segment-size            | 65536
          mapedFileSizeCommitLog            | 2147483647        | sampo.log.segment-size            | 1073741824
          fileReservedTime                  | 48                | sampo.retention.time              | 48 h
          deleteWhen                        | 04;16             | sampo.retention.delete-at         | 04;16
          diskMaxUsedSpaceRatio             | 88                | sampo.retention.disk-used-max     | 88
          cleanResourceInterval             | 10000             | sampo.retention.check-interval    | 10000 ms
          flushDiskType                     | ASYNC_FLUSH       | sampo.log.flush                   | async
          flushDiskType                     | sync_flush        | sampo.log.flush                   | sync
          flushIntervalCommitLog            | 200               | sampo.log.flush-interval          | 200 ms
          autoCreateTopicEnable             | FALSE             | sampo.topic.auto-create           | false
          defaultTopicQueueNums             | 8                 | sampo.topic.default-queues        | 8
          maxMessageSize                    | 65536             | sampo.message.max-size            | 65536
          transactionTimeOut                | 6000              | sampo.transaction.timeout         | 6000 ms
          transactionCheckMax               | 5                 | sampo.transaction.check-max       | 5
          transactionCheckInterval          | 60000             | sampo.transaction.check-interval  | 60000 ms
          maxTransferCountOnMessageInMemory | 32                | sampo.pull.messages-max           | 32
          maxTransferBytesOnMessageInMemory | 262144            | sampo.pull.bytes-max              | 262144
          maxMsgsNumBatch                   | 64                | sampo.query.messages-max          | 64
          popInflightMessageThreshold       | 10000             | sampo.pop.in-flight-max           | 10000
          messageDelayLevel                 | 1s 5s 1h          | sampo.schedule.delay-levels       | 1s 5s 1h
          timerMaxDelaySec                  | 259200            | sampo.schedule.delay-max          | 259200 s
          brokerRole                        | ASYNC_MASTER      | sampo.replication.acknowledge     | leader
          brokerRole                        | sync_master       | sampo.replication.acknowledge     | all
          allAckInSyncStateSet              | true              | sampo.replication.acknowledge     | all
          enableDLegerCommitLog             | true              | sampo.replication.acknowledge     | quorum
          totalReplicas                     | 2                 | sampo.cluster.replicas            | 2
          sampo.cluster.seeds               | a:25520,b:25520   | sampo.cluster.seeds               | a:25520,b:25520
          """)
  void aPropertyWithAMeaningBecomesASetting(
      String property, String value, String setting, String expected) {
    Translation translation = translate(property + " = " + value);

    assertThat(translation.problems()).isEmpty();
    assertThat(translation.settings().getString(setting)).isEqualTo(expected);
    assertThat(translation.settings().getValue(setting).origin().lineNumber()).isEqualTo(2);
  }

  @Test
  void everySettingThatTheTableNamesExists() {
    assertThat(PropertyTable.all().values())
        .extracting(Meaning::setting)
        .filteredOn(setting -> !setting.isEmpty())
        .isNotEmpty()
        .allSatisfy(
            setting ->
                assertThat(ConfigFactory.defaultReference().hasPath(setting)).as(setting).isTrue());
  }

  @Test
  void everyPropertyOfTheTableIsOneOfRocketMq() {
    assertThat(Families.names()).containsAll(PropertyTable.all().keySet());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          listenPort              | ten     | a whole number
          transactionTimeOut      | 6s      | a whole number of ms
          autoCreateTopicEnable   | yes     | true or false
          flushDiskType           | LATER   | ASYNC_FLUSH or SYNC_FLUSH
          mapedFileSizeCommitLog  | 1000    | a whole number of bytes, at least 65536
          aclEnable               | true    | false: permissions aren't built
          brokerRole              | MASTER  | ASYNC_MASTER, SYNC_MASTER or SLAVE
          allAckInSyncStateSet    | 1       | true or false
          enableDLegerCommitLog   | on      | true or false
          inSyncReplicas          | 0       | a whole number, at least 1
          authenticationEnabled   | true    | false: permissions aren't built
          """)
  void aValueThatCanNotBeUsedIsAProblemWithItsLine(String property, String value, String allowed) {
    assertThat(translate(property + "=" + value).problems())
        .singleElement()
        .asString()
        .startsWith(property + " = " + value + ": must be " + allowed)
        .endsWith("(" + FILE + ", line 2)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "brokerId=0",
        "brokerPermission=6",
        "aclEnable=false",
        "enablePropertyFilter=true",
        "longPollingEnable=true",
        "autoCreateSubscriptionGroup=true",
        "recallMessageEnable=",
        "allAckInSyncStateSet=false",
        "enableDLegerCommitLog=false",
        "# only a comment",
        "storePathRootDir=/store\nstorePathCommitLog=/store/commitlog\nabortFile=/store/abort"
      })
  void whatIsSoAnywayIsNotWorthAWord(String text) {
    Translation translation = translate(text);

    assertThat(translation.warnings()).isEmpty();
    assertThat(translation.problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          brokerId=1                        | no node is a slave by configuration
          autoCreateSubscriptionGroup=false | the first heartbeat of a consumer makes its group
          namesrvAddr=a:9876;b:9876         | this node answers for it on its port
          sendMessageThreadPoolNums=64      | see sampo.net.event-loops
          waitTimeMillsInSendQueue=200      | see sampo.net.held-max
          mapedFileSizeConsumeQueue=6000000 | one index file per segment
          timerCongestNumEachSlot=7         | sampo.schedule
          haSendHeartbeatInterval=5000      | no masters and slaves
          brokerRole=SLAVE                  | no node is a slave
          minInSyncReplicas=2               | more than half of the copies
          haMasterAddress=a:10912           | no masters and slaves
          dLegerPeers=n0-a:40911            | enableDLegerCommitLog=true only
          dLegerSelfId=n0                   | enableDLegerCommitLog=true only
          regionId=eu                       | nothing here corresponds to it
          """)
  void aPropertyWithoutAMeaningIsOneWarningThatSaysWhatReplacesIt(String line, String instead) {
    Translation translation = translate(line);

    assertThat(translation.problems()).isEmpty();
    assertThat(translation.warnings())
        .singleElement()
        .asString()
        .startsWith(line.replace("=", " = ") + ": ")
        .contains(instead)
        .endsWith("(" + FILE + ", line 2)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          brokerRole=SYNC_MASTER  | inSyncReplicas=2           | totalReplicas=3            | quorum
          brokerRole=SYNC_MASTER  | inSyncReplicas=3           | totalReplicas=3            | all
          brokerRole=SYNC_MASTER  | inSyncReplicas=3           | totalReplicas=5            | quorum
          brokerRole=SYNC_MASTER  | inSyncReplicas=1           | totalReplicas=2            | quorum
          brokerRole=ASYNC_MASTER | allAckInSyncStateSet=true  | totalReplicas=3            | all
          brokerRole=ASYNC_MASTER | enableDLegerCommitLog=true | totalReplicas=3            | quorum
          brokerRole=ASYNC_MASTER | enableControllerMode=true  | inSyncReplicas=3           | all
          brokerRole=SLAVE        | enableControllerMode=true  | allAckInSyncStateSet=true  | all
          """)
  void thePropertiesOfCopiesDecideTogether(
      String first, String second, String third, String acknowledge) {
    Translation translation = translate(String.join("\n", first, second, third));

    assertThat(translation.problems()).isEmpty();
    assertThat(translation.settings().getString("sampo.replication.acknowledge"))
        .isEqualTo(acknowledge);
  }

  @Test
  void anAsyncMasterWaitsForNobodyHoweverManyAreNamed() {
    Translation translation = translate("brokerRole=ASYNC_MASTER\ninSyncReplicas=2");

    assertThat(translation.settings().getString("sampo.replication.acknowledge"))
        .isEqualTo("leader");
    assertThat(translation.warnings()).singleElement().asString().contains("waits for nobody");
  }

  @Test
  void theMembersOfADLedgerGroupAreTheNodesOfTheCluster() {
    Translation translation =
        BrokerConf.translate(
            FILE,
            """
            enableDLegerCommitLog=true
            dLegerGroup=RaftNode00
            dLegerPeers=n0-10.0.0.7:40911;n1-10.0.0.8:40912;n2-10.0.0.9:40913
            dLegerSelfId=n1
            """);

    assertThat(translation.problems()).isEmpty();
    assertThat(translation.warnings())
        .singleElement()
        .asString()
        .contains("log groups have names of their own");
    Config settings = translation.settings();
    assertThat(settings.getString("sampo.cluster.seeds"))
        .isEqualTo("10.0.0.7:40911,10.0.0.8:40912,10.0.0.9:40913");
    assertThat(settings.getInt("sampo.cluster.initial-nodes")).isEqualTo(3);
    assertThat(settings.getInt("sampo.cluster.replicas")).isEqualTo(3);
    assertThat(settings.getString("sampo.node.name")).isEqualTo("n1");
    assertThat(settings.getString("sampo.node.host")).isEqualTo("10.0.0.8");
    assertThat(settings.getInt("sampo.cluster.port")).isEqualTo(40912);
    assertThat(settings.getString("sampo.replication.acknowledge")).isEqualTo("quorum");
  }

  @Test
  void aDLedgerMemberMustBeOneOfItsPeersAndThesePeers() {
    assertThat(
            translate("enableDLegerCommitLog=true\ndLegerPeers=n0-a:1\ndLegerSelfId=n1").problems())
        .singleElement()
        .asString()
        .contains("dLegerSelfId = n1: must be the id of one of dLegerPeers");
    assertThat(translate("enableDLegerCommitLog=true\ndLegerPeers=a:1;b:2").problems())
        .singleElement()
        .asString()
        .contains("must be id-host:port;id-host:port");
  }

  @Test
  void whatAFileSaysUnderSamposOwnNameIsStrongerThanWhatFollows() {
    Translation translation =
        translate(
            """
            sampo.replication.acknowledge=quorum
            brokerRole=ASYNC_MASTER
            """);

    assertThat(translation.settings().getString("sampo.replication.acknowledge"))
        .isEqualTo("quorum");
  }

  @Test
  void anUnknownNameGetsAWarningAndTheNameThatIsMeant() {
    assertThat(translate("autoCreateTopicEnabled=false\nnoneOfTheirs=1").warnings())
        .containsExactly(
            "autoCreateTopicEnabled = false: there is no such property"
                + " (did you mean autoCreateTopicEnable?) (%s, line 2)".formatted(FILE),
            "noneOfTheirs = 1: there is no such property (%s, line 3)".formatted(FILE));
  }

  @Test
  void theMessagesGoBelowTheRootDirectoryWhereverElseTheirLogWas() {
    Translation translation =
        translate("storePathRootDir=/data/store\nstorePathCommitLog=/fast/commitlog");

    assertThat(translation.settings().getString("sampo.data-dir")).isEqualTo("/data/store");
    assertThat(translation.warnings())
        .singleElement()
        .asString()
        .contains("storePathCommitLog = /fast/commitlog", "in /data/store", "line 3");
  }

  @Test
  void nameServersOnSeveralPortsLeaveThePortAsItIs() {
    Translation translation = translate("namesrvAddr=a:9876;b:9877");

    assertThat(translation.settings().hasPath("sampo.name-server")).isFalse();
    assertThat(translation.warnings())
        .singleElement()
        .asString()
        .contains("sampo.name-server.port must say here");
  }

  @Test
  void ofAPropertyThatIsGivenTwiceTheLastOneCounts() {
    Translation translation = translate("listenPort=1\nlistenPort=2");

    assertThat(translation.settings().getString("sampo.broker.port")).isEqualTo("2");
    assertThat(translation.warnings())
        .singleElement()
        .asString()
        .contains("listenPort = 1", "given again further down", "line 2");
  }

  @Test
  void aBrokerWithoutAnAddressIsToldThatNobodyElseCanConnect() {
    assertThat(BrokerConf.translate(FILE, "brokerId=0").warnings())
        .singleElement()
        .asString()
        .startsWith("brokerIP1 isn't given: only this machine can connect");
    assertThat(BrokerConf.translate(FILE, "sampo.node.host=10.0.0.7").warnings()).isEmpty();
  }

  @Test
  void linesAreReadAsPropertiesAre() {
    Translation translation =
        translate("! comment \\\nmessageDelayLevel : 1s \\\n   5s\n\nlistenPort   4711  \n");

    assertThat(translation.problems()).isEmpty();
    assertThat(translation.warnings()).isEmpty();
    assertThat(translation.settings().getString("sampo.schedule.delay-levels")).isEqualTo("1s 5s");
    assertThat(translation.settings().getString("sampo.broker.port")).isEqualTo("4711");
    assertThat(translation.settings().getValue("sampo.broker.port").origin().lineNumber())
        .isEqualTo(6);
  }

  @Test
  void aFileIsABrokerConfByItsNameOrByTheNamesInIt() {
    Path conf = Path.of("node.conf");

    assertThat(BrokerConf.isOne(Path.of("broker.properties"), "")).isTrue();
    for (String name :
        Set.of("listenPort", "brokerName", "dLegerSelfId", "mapedFileSizeCommitLog")) {
      assertThat(BrokerConf.isOne(conf, "# comment\n " + name + "=1")).as(name).isTrue();
    }
    assertThat(BrokerConf.isOne(conf, "sampo { broker { port = 1 } }")).isFalse();
    assertThat(BrokerConf.isOne(conf, "sampo.broker.port = 1\nsampo.log.flush = async")).isFalse();
    assertThat(BrokerConf.isOne(conf, "// listenPort=1\nsampo.broker.port = 1")).isFalse();
    assertThat(BrokerConf.isOne(conf, "a = \"\\uzzzz\"\nlistenPort=1")).isFalse();
    assertThat(BrokerConf.isOne(conf, "")).isFalse();
  }

  @Test
  void anEscapeThatIsNoneIsAProblem() {
    assertThat(BrokerConf.translate(Path.of("x.properties"), "listenPort=\\u12").problems())
        .singleElement()
        .asString()
        .startsWith("the settings file x.properties can't be read");
  }
}
