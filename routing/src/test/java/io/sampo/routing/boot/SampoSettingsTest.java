package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator may set, and what they are told when it isn't allowed. */
final class SampoSettingsTest {
  @TempDir Path root;

  private SampoSettings settings(Map<String, String> overrides) {
    return SampoSettings.from(NodeConfig.load(null, overrides), root);
  }

  private SettingsException refused(Map<String, String> overrides) {
    return catchThrowableOfType(SettingsException.class, () -> settings(overrides));
  }

  @Test
  void theDefaultsAreThoseOfRocketMqAndStayOnThisMachine() {
    SampoSettings settings = settings(Map.of());

    assertThat(settings.host()).isEqualTo("127.0.0.1");
    assertThat(settings.clusterName()).isEqualTo("DefaultCluster");
    assertThat(settings.logGroups()).isEqualTo(1);
    assertThat(settings.membership().isAlone()).isTrue();
    assertThat(settings.ports())
        .isEqualTo(new SampoSettings.Ports(9876, 10911, 25520, 25521, 7626));
    assertThat(settings.dataDirectory()).isEqualTo(root.resolve("data"));
  }

  @Test
  void logGroupsListenTenPortsApart() {
    SampoSettings settings = settings(Map.of("sampo.log-groups", "3"));

    assertThat(settings.fixedPorts().values()).contains(10911, 10921, 10931);
    assertThat(settings.ports().broker(2)).isEqualTo(10931);
    assertThat(settings(Map.of("sampo.broker.port", "0")).ports().broker(2)).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sampo.broker.port      | 70000        | a port: 1 to 65535, or 0 for any free one
          sampo.broker.port      | -1           | a port: 1 to 65535, or 0 for any free one
          sampo.broker.port      | 10911.5      | a port: 1 to 65535, or 0 for any free one
          sampo.name-server.port | many         | a port: 1 to 65535, or 0 for any free one
          sampo.log-groups       | 0            | a whole number from 1 to 16
          sampo.log-groups       | 17           | a whole number from 1 to 16
          sampo.node.host        | 0.0.0.0      | not a wildcard
          sampo.node.host        | no such host | an IP address or a resolvable host name
          sampo.cluster.name     | my cluster   | 1 to 64 letters, digits
          sampo.node.name        | a b          | 1 to 64 letters, digits
          sampo.cluster.seeds    | 10.0.0.1     | a list of host:port
          sampo.cluster.seeds    | a:1,b:2,a:1  | none of them twice
          sampo.cluster.seeds    | a:70000      | a list of host:port
          sampo.cluster.initial-nodes | 3       | without sampo.cluster.seeds
          sampo.cluster.replicas | 6            | a whole number from 1 to 5
          sampo.cluster.leaders-wait | 0 s      | a time from 1 ms
          """)
  void aWrongValueIsToldWithItsSettingAndWhatIsAllowed(String path, String value, String allowed) {
    SettingsException refused = refused(Map.of(path, value));

    assertThat(refused.problems())
        .singleElement()
        .asString()
        .startsWith(path + " = " + value + ": must be ")
        .contains(allowed)
        .contains("command line");
  }

  @Test
  void allWrongSettingsAreToldAtOnce() {
    SettingsException refused =
        refused(
            Map.of("sampo.broker.port", "x", "sampo.cluster.name", "", "sampo.log-groups", "99"));

    assertThat(refused.problems()).hasSize(3);
  }

  @Test
  void halfOfTheSeedsCanNotFoundACluster() {
    SettingsException refused =
        refused(
            Map.of("sampo.cluster.seeds", "a:1,b:2,c:3,d:4", "sampo.cluster.initial-nodes", "2"));

    assertThat(refused.problems()).singleElement().asString().contains("more than half");
  }

  @Test
  void aNodeHasPortsForTheLogGroupsOfTheClusterThatItFounds() {
    SampoSettings settings =
        settings(Map.of("sampo.cluster.seeds", "a:1,b:2,c:3", "sampo.cluster.initial-nodes", "3"));

    assertThat(settings.membership().seeds()).containsExactly("a:1", "b:2", "c:3");
    assertThat(settings.membership().rules("C", "pekko://C@self:1", 1).seeds())
        .containsExactly("pekko://C@a:1", "pekko://C@b:2", "pekko://C@c:3");
    assertThat(settings.fixedPorts().values()).contains(10911, 10921, 10931);
  }

  @Test
  void twoPortsThatCollideAreRefusedAlsoWhenOneFollowsFromAnother() {
    SettingsException refused =
        refused(Map.of("sampo.log-groups", "2", "sampo.management.port", "10921"));

    assertThat(refused.problems())
        .singleElement()
        .asString()
        .contains("sampo.management.port = 10921")
        .contains("sampo.broker.port + 10");
  }

  @Test
  void aMisspelledSettingIsRefusedWithTheOneThatIsMeant() {
    SettingsException refused = refused(Map.of("sampo.brokr.port", "1"));

    assertThat(refused)
        .hasMessageContaining(
            "sampo.brokr.port: there is no such setting (did you mean sampo.broker.port?)");
  }

  @Test
  void theCommandLineIsStrongerThanTheFileAndTheFileThanTheDefaults() throws IOException {
    Path file =
        Files.writeString(
            root.resolve("node.conf"), "sampo { broker.port = 20911, name-server.port = 19876 }");

    SampoSettings settings =
        SampoSettings.from(NodeConfig.load(file, Map.of("sampo.broker.port", "30911")), root);

    assertThat(settings.ports().broker()).isEqualTo(30911);
    assertThat(settings.ports().nameServer()).isEqualTo(19876);
    assertThat(settings.ports().cluster()).isEqualTo(25520);
  }

  @Test
  void aProblemInAFileIsToldWithItsLine() throws IOException {
    Path file = Files.writeString(root.resolve("node.conf"), "sampo {\n broker.port = 99999\n}");

    SettingsException refused =
        catchThrowableOfType(
            SettingsException.class,
            () -> SampoSettings.from(NodeConfig.load(file, Map.of()), root));

    assertThat(refused).hasMessageContaining("node.conf, line 2");
  }

  @Test
  void aBrokerConfIsReadLikeAnyOtherFile() throws IOException {
    Path file =
        Files.writeString(
            root.resolve("broker.conf"),
            "brokerClusterName=shop\nlistenPort=20911\nnamesrvAddr=127.0.0.1:19876\nunknown=1\n");

    SampoSettings settings =
        SampoSettings.from(NodeConfig.load(file, Map.of("sampo.broker.port", "30911")), root);

    assertThat(settings.clusterName()).isEqualTo("shop");
    assertThat(settings.ports().broker()).isEqualTo(30911);
    assertThat(settings.ports().nameServer()).isEqualTo(19876);
    assertThat(settings.ports().cluster()).isEqualTo(25520);
  }

  @Test
  void aProblemInABrokerConfIsToldWithItsLine() throws IOException {
    Path file = Files.writeString(root.resolve("broker.conf"), "brokerId=0\nlistenPort=99999\n");
    Path worse = Files.writeString(root.resolve("worse.conf"), "brokerId=0\nlistenPort=many\n");

    assertThat(
            catchThrowableOfType(
                SettingsException.class,
                () -> SampoSettings.from(NodeConfig.load(file, Map.of()), root)))
        .hasMessageContaining("sampo.broker.port = 99999: must be a port")
        .hasMessageContaining("broker.conf, line 2");
    assertThat(
            catchThrowableOfType(SettingsException.class, () -> NodeConfig.load(worse, Map.of())))
        .hasMessageContaining("listenPort = many: must be a whole number")
        .hasMessageContaining("worse.conf, line 2");
  }

  @Test
  void aFileThatIsMissingOrBrokenIsToldInWords() throws IOException {
    Path missing = root.resolve("missing.conf");
    Path broken = Files.writeString(root.resolve("broken.conf"), "sampo { broker.port = ");

    assertThat(
            catchThrowableOfType(SettingsException.class, () -> NodeConfig.load(missing, Map.of())))
        .hasMessageContaining("missing.conf can't be read");
    assertThat(
            catchThrowableOfType(SettingsException.class, () -> NodeConfig.load(broken, Map.of())))
        .hasMessageContaining("broken.conf");
  }

  @Test
  void anAbsoluteDataDirectoryStaysWhereItIs(@TempDir Path elsewhere) {
    assertThat(settings(Map.of("sampo.data-dir", elsewhere.toString())).dataDirectory())
        .isEqualTo(elsewhere);
  }
}
