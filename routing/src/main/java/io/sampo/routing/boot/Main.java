package io.sampo.routing.boot;

import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program. Reads the command line, runs the command and turns its outcome into the exit code: 0
 * when all went well, 1 when the node could not start or something was lost, 2 when the command
 * line or a setting is wrong; 143 after SIGTERM, as the JVM has it.
 *
 * <p>What an operator can cause is told in one line without a stack trace; a trace means a bug.
 */
@Command(
    name = "sampo",
    description = "A message broker that RocketMQ clients use unchanged.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    subcommands = {
      ServerCommand.class,
      QuickstartCommand.class,
      ClusterDemoCommand.class,
      DecommissionCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 could not start or lost something, 2 wrong usage or settings.",
      "To begin with: bin/sampo quickstart"
    })
public final class Main implements Runnable {
  static final int EXIT_FAILED = 1;
  static final int EXIT_USAGE = 2;

  @Spec private CommandSpec spec = CommandSpec.create();

  private Main() {}

  /** Runs a command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    // Logging comes up here and not in one of Pekko's threads, where lines of others would wait.
    LoggerFactory.getLogger(Main.class);
    // Left-over threads of a failed start must not keep the process alive.
    System.exit(execute(args));
  }

  /** Runs a command and returns its exit code. */
  static int execute(String... args) {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler((failure, command, parsed) -> explain(failure))
        .execute(args);
  }

  private static int explain(Exception failure) throws Exception {
    if (failure instanceof SettingsException settings) {
      settings.problems().forEach(problem -> System.err.println("sampo: " + problem));
      return EXIT_USAGE;
    } else if (failure instanceof StartFailedException) {
      System.err.println("sampo: " + failure.getMessage());
      return EXIT_FAILED;
    }
    throw failure;
  }

  /** Called when no command is given. */
  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do: server, quickstart, cluster-demo or decommission.");
  }

  /** The version that the jar was built as. */
  static final class Version implements IVersionProvider {
    /** Such as "0.1.0"; "development" when the classes don't come from a jar. */
    static String text() {
      String version = Main.class.getPackage().getImplementationVersion();
      return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
      return new String[] {
        "Sampo " + text(),
        "Java " + System.getProperty("java.version") + ", " + System.getProperty("java.vm.name")
      };
    }
  }
}
