package dev.fairway.cli;

/// A project whose actions and workflows other projects use: `projects/kit`.
final class Kit {
  private static final String NOTE =
      """
      name: Note
      description: A script before, at and behind its step
      inputs:
        who: {required: true}
        tone: {default: calm}
      outputs:
        said: {description: what it said}
      runs: {using: node20, pre: pre.js, main: main.js, post: post.js}
      """;

  private static final String SCRIPT =
      """
      const fs = require('fs');
      const who = process.env.INPUT_WHO;
      const state = (text) => fs.appendFileSync(process.env.GITHUB_STATE, text + '\\n');
      const output = (text) => fs.appendFileSync(process.env.GITHUB_OUTPUT, text + '\\n');
      """;

  private static final String PRE =
      SCRIPT + "console.log('pre of ' + who); state('begun=' + who);\n";
  private static final String MAIN =
      SCRIPT
          + """
          const said = who + ' is ' + process.env.INPUT_TONE + ', begun ' + process.env.STATE_begun;
          console.log('main of ' + who);
          state('ended=' + said);
          output('said=' + said);
          """;
  private static final String POST =
      SCRIPT + "console.log('post of ' + who + ': ' + process.env.STATE_ended);\n";

  /// Uses the script, and itself one level deeper.
  private static final String WRAP =
      """
      name: Wrap
      description: Steps of its own around the script
      inputs:
        who: {required: true}
      outputs:
        said: {description: what came of it, value: "${{ steps.inner.outputs.said }} (${{ steps.more.outputs.word }})"}
      runs:
        using: composite
        steps:
          - id: inner
            uses: projects/kit/note@main
            with: {who: "${{ inputs.who }}", tone: wrapped}
          - id: more
            shell: bash
            run: |
              test -f "$GITHUB_ACTION_PATH/action.yml"
              echo "word=of $(cat "${{ github.action_path }}/word.txt")" >> "$GITHUB_OUTPUT"
      """;

  private static final String OUTER =
      """
      name: Outer
      description: A composite action in a composite action
      inputs:
        who: {required: true}
      runs:
        using: composite
        steps:
          - uses: projects/kit/wrap@main
            with: {who: "${{ inputs.who }}"}
      """;

  private static final String SHIP =
      """
      on:
        workflow_call:
          inputs: {to: {type: string, required: true}}
          secrets: {KEY: {required: true}}
          outputs: {port: {value: "${{ jobs.land.outputs.port }}"}}
      jobs:
        sail: {uses: ./.github/workflows/sail.yml}
        land:
          needs: sail
          runs-on: linux
          outputs: {port: "${{ steps.x.outputs.port }}"}
          steps:
            - id: x
              env: {KEY: "${{ secrets.KEY }}"}
              run: |
                test "$KEY" = anchor-chain
                echo "the key is $KEY"
                echo "port=${{ inputs.to }} after ${{ needs.sail.outputs.knots }}" >> "$GITHUB_OUTPUT"
            - uses: projects/kit/note@main
              with: {who: lander}
      """;

  private static final String SAIL =
      """
      on:
        workflow_call:
          outputs: {knots: {value: "${{ jobs.a.outputs.knots }}"}}
      jobs:
        a:
          runs-on: linux
          outputs: {knots: "${{ steps.x.outputs.knots }}"}
          steps: [{id: x, run: 'echo "knots=7 knots" >> "$GITHUB_OUTPUT"'}]
      """;

  private static boolean made;

  private Kit() {}

  /// Makes it, once.
  static void make(UpProcess up, Member author) {
    if (!made) {
      SampleProject.create(up, author, "kit")
          .write("note/action.yml", NOTE)
          .write("note/pre.js", PRE)
          .write("note/main.js", MAIN)
          .write("note/post.js", POST)
          .write("wrap/action.yml", WRAP)
          .write("wrap/word.txt", "honour")
          .write("outer/action.yml", OUTER)
          .write(".github/workflows/ship.yml", SHIP)
          .write(".github/workflows/sail.yml", SAIL)
          .push("Begin");
      made = true;
    }
  }
}
