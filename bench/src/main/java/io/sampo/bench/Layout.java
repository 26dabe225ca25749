package io.sampo.bench;

import io.sampo.bench.report.Pairing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where things lie, once bench/run has built them.
 *
 * @param root the project's directory
 */
record Layout(Path root) {

  Path rocketMq() {
    return root.resolve("bench/target/rocketmq");
  }

  /** Trials' directories are made and removed in here. */
  Path runs() {
    return root.resolve("bench/target/runs");
  }

  Path profiles() {
    return root.resolve("bench/target/profiles");
  }

  Path trialFile(Pairing pairing) {
    String name =
        pairing.equals(Pairing.WITH_ROCKETMQ) ? "benchmarks" : "benchmarks-" + pairing.other();
    return root.resolve("docs/" + name + ".csv");
  }

  Path page() {
    return root.resolve("docs/benchmarks.md");
  }

  Path chart() {
    return root.resolve("docs/benchmarks.svg");
  }

  Path guardFile() {
    return root.resolve("bench/guard.properties");
  }

  /** The version of the RocketMQ that is compared with, as its jars say. */
  String rocketMqVersion() throws IOException {
    String name = single(rocketMq(), "rocketmq-broker-").getFileName().toString();
    return name.substring("rocketmq-broker-".length(), name.length() - ".jar".length());
  }

  /** What a load process with that client needs, and nothing else. */
  String loadClassPath(String client) throws IOException {
    Path library = root.resolve("bench/target/lib");
    String load = single(root.resolve("bench/target"), "bench-").toString();
    if (client.equals("official")) {
      return load + ":" + single(library, "HdrHistogram-") + ":" + rocketMq() + "/*";
    }
    return load + ":" + library + "/*";
  }

  private static Path single(Path directory, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      var found =
          files
              .filter(file -> file.getFileName().toString().startsWith(prefix))
              .filter(file -> file.toString().endsWith(".jar"))
              .collect(Collectors.toList());
      if (found.size() != 1) {
        throw new IOException(
            "expected one " + prefix + "*.jar in " + directory + ", found " + found);
      }
      return found.get(0);
    }
  }
}
