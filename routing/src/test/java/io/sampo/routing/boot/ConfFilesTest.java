package io.sampo.routing.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.routing.brokerconf.BrokerConf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The files under {@code conf/} as they are, with the ports and folders that the tests which start
 * them replace.
 */
final class ConfFilesTest {
  private static final Path CONF = Path.of("..", "conf");

  private static List<Path> deployments() throws IOException {
    return list(CONF);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void theNodesOfADeploymentFindEachOtherAndShareNothing(Path folder) throws IOException {
    List<Path> files = list(folder);
    Set<Integer> ports = new HashSet<>();
    Set<Path> directories = new HashSet<>();
    Set<String> names = new HashSet<>();
    Set<String> seeds = new HashSet<>();
    Set<String> addresses = new HashSet<>();
    int count = 0;
    for (Path file : files) {
      SampoSettings settings =
          SampoSettings.from(NodeConfig.load(file, Map.of()), Path.of("/install"));
      MembershipSettings membership = settings.membership();
      directories.add(settings.dataDirectory());
      names.add(membership.nodeName());
      seeds.addAll(membership.seeds());
      addresses.add(settings.host() + ":" + settings.ports().cluster());
      ports.addAll(settings.fixedPorts().values());
      count += settings.fixedPorts().size();
      assertThat(settings.dataDirectory()).startsWithRaw(Path.of("/install", "data"));
      assertThat(membership.initialNodes()).isEqualTo(files.size() == 1 ? 0 : files.size());
    }

    assertThat(ports).hasSize(count);
    assertThat(directories).hasSize(files.size());
    assertThat(names).hasSize(files.size());
    assertThat(seeds).isEqualTo(files.size() == 1 ? Set.of() : addresses);
  }

  @ParameterizedTest
  @MethodSource("deployments")
  void nothingInThemIsWorthAWarning(Path folder) throws IOException {
    for (Path file : list(folder)) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);

      assertThat(BrokerConf.translate(file, text).warnings()).isEmpty();
      assertThat(BrokerConf.translate(file, text).problems()).isEmpty();
    }
  }
}
